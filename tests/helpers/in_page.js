/** Test tool: what is asked inside of a page, in the browser. Each function is sent there by itself. */

/** Whether an element has the focus. */
export const hasFocus = (node) => node === document.activeElement;

/** What is on the canvas, as an image, when it has been drawn anew. */
export const flowsPicture = () =>
  new Promise((resolve) => {
    const show = () => resolve(document.querySelector("#flows").toDataURL());
    requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(show)));
  });

/** The color of the page's ground. */
export const groundColor = () => getComputedStyle(document.documentElement).backgroundColor;

/** From now on the page knows which texts were drawn at the left of each canvas, at the last drawing. */
export function keepNumbers() {
  const pen = CanvasRenderingContext2D.prototype;
  const { clearRect, fillText } = pen;
  globalThis.drawn = new Map();
  pen.clearRect = function (...place) {
    globalThis.drawn.set(this.canvas, []);
    clearRect.apply(this, place);
  };
  pen.fillText = function (text, x, y) {
    globalThis.drawn.get(this.canvas)?.push({ text, x });
    fillText.call(this, text, x, y);
  };
}

/** The numbers at a chart's axis, if it was drawn since: they stand below each other. */
export function numbersAtAxis(place) {
  const texts = globalThis.drawn.get(document.querySelector(`#${place} canvas`)) ?? [];
  const left = Math.min(...texts.map(({ x }) => x));
  return texts.filter(({ x }) => x === left).map(({ text }) => text);
}

/** How far the page reaches over its window, and texts whose contrast is below WCAG's 4.5 to 1. */
export function readability() {
  const channels = (color) => {
    const pen = new OffscreenCanvas(1, 1).getContext("2d");
    pen.fillStyle = color;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((it) => it / 255)
      .map((it) => it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const groundOf = (node) => {
    for (; node !== null; node = node.parentElement) {
      const color = channels(getComputedStyle(node).backgroundColor);
      if (color[3] > 250) return color;
    }
    return [255, 255, 255, 255];
  };
  const faint = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((it) =>
      it.nodeType === 3 && it.textContent.trim() !== ""
    );
    if (!own || node.getClientRects().length === 0 || node instanceof SVGElement) continue;
    const [one, other] = [channels(getComputedStyle(node).color), groundOf(node)].map(luminance);
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) faint.push(`${node.tagName} ${node.textContent} ${contrast.toFixed(2)}`);
  }
  const overflow = Math.max(0, document.documentElement.scrollWidth - innerWidth);
  return { overflow, faint };
}
