/** The switches in the page's head: motion, slow motion, and the theme, which the browser remembers. */

import { byId, write } from "./dom.js";

const THEMES = ["auto", "light", "dark"];

/** Sets up the switches; each tells its function what it was switched to. */
export function setSwitches({ motion, slowMotion, theme }) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const motionButton = byId("motion");
  const move = (on) => {
    motionButton.setAttribute("aria-pressed", String(on));
    motion(on);
  };
  motionButton.addEventListener("click", () => move(motionButton.ariaPressed !== "true"));
  calm.addEventListener("change", () => move(!calm.matches));
  move(!calm.matches);

  const slowButton = byId("slow-motion");
  slowButton.addEventListener("click", () => {
    const on = slowButton.ariaPressed !== "true";
    slowButton.setAttribute("aria-pressed", String(on));
    slowMotion(on);
    if (on) byId("lens").scrollIntoView({ block: "nearest" });
  });

  const themeButton = byId("theme");
  const paint = (name) => {
    if (name === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    write(themeButton, `Theme: ${name}`);
    theme();
  };
  themeButton.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(remembered()) + 1) % THEMES.length];
    remember(next);
    paint(next);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => theme());
  paint(remembered());
}

function remembered() {
  try {
    const name = localStorage.getItem("hsha-theme");
    return THEMES.includes(name) ? name : "auto";
  } catch {
    return document.documentElement.dataset.theme ?? "auto"; // the browser lets nothing be kept
  }
}

function remember(name) {
  try {
    localStorage.setItem("hsha-theme", name);
  } catch {
    // then it is forgotten when the page is closed
  }
}
