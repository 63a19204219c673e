/** A handler whose source names a file that it imports as text. */

import secret from "./imports_text.js" with { type: "text" };

export default () => String(secret).split("\n")[0];
