/** The ways of lines between the boxes of the picture, as curves that follow the layout. */

/** Parts of each curve. */
const STEPS = 24;

/**
 * A Bézier curve between two points. Each has a direction away from its box; `near` and `far` say how long
 * the curve keeps to the direction of either end, as parts of the distance.
 */
export function curve(from, to, [near, far] = [0.45, 0.45]) {
  const distance = Math.hypot(to.x - from.x, to.y - from.y);
  const [a, d] = [from, to];
  const b = ahead(a, Math.max(18, distance * near));
  const c = ahead(d, Math.max(18, distance * far));
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const t = step / STEPS, u = 1 - t;
    const [p, q, r, s] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
    return {
      x: p * a.x + q * b.x + r * c.x + s * d.x,
      y: p * a.y + q * b.y + r * c.y + s * d.y,
    };
  });
}

function ahead({ x, y, dx, dy }, reach) {
  return { x: x + dx * reach, y: y + dy * reach };
}

/** The point of a curve at `part` of its length, from 0 to 1. */
export function along(points, part) {
  const place = part * (points.length - 1);
  const index = Math.min(Math.floor(place), points.length - 2);
  const rest = place - index;
  const [a, b] = [points[index], points[index + 1]];
  return { x: a.x + (b.x - a.x) * rest, y: a.y + (b.y - a.y) * rest };
}

/** The ways between the boxes, wherever they are now. */
export function layout(origin, { clients, intake, order, queue, workers }) {
  const base = origin.getBoundingClientRect();
  const box = (node) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    return { left: left - base.left, top: top - base.top, width, height };
  };
  const at = (node, side, part = 0.5) => {
    const { left, top, width, height } = box(node);
    if (side === "left") return { x: left, y: top + height * part, dx: -1, dy: 0 };
    if (side === "right") return { x: left + width, y: top + height * part, dx: 1, dy: 0 };
    if (side === "top") return { x: left + width * part, y: top, dx: 0, dy: -1 };
    return { x: left + width * part, y: top + height, dx: 0, dy: 1 };
  };
  const wide = box(intake).top < box(clients).top + box(clients).height - 4;
  if (wide) {
    return {
      in: curve(at(clients, "right", 0.3), at(intake, "left")),
      queued: curve(at(intake, "right"), at(queue, "left")),
      given: workers.map((node) => curve(at(queue, "right"), at(node, "left", 0.35))),
      // It turns at once, and keeps low: the queue's box is not in its way.
      back: workers.map((node) => curve(at(node, "left", 0.65), at(order, "right"), [0.12, 0.85])),
      out: curve(at(order, "left"), at(clients, "right", 0.75)),
    };
  }
  return {
    in: curve(at(clients, "bottom", 0.25), at(intake, "top")),
    queued: curve(at(intake, "bottom"), at(queue, "top")),
    given: workers.map((node) => curve(at(queue, "bottom"), at(node, "top", 0.35))),
    back: workers.map((node) => curve(at(node, "top", 0.65), at(order, "bottom"))),
    out: curve(at(order, "top"), at(clients, "bottom", 0.75)),
  };
}
