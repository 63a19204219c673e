/** A handler whose source names a file that it imports as text. */

import secret from "./imports_text.ts" with { type: "text" };

export default (): string => String(secret).split("\n")[0];
