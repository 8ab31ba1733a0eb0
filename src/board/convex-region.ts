/** A point of a plane. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A convex polygon by its corners in order; without corners it is empty. */
export type ConvexRegion = readonly Point[];

/** The part of a region where `byX x + byY y <= limit`. */
export function clipped(region: ConvexRegion, byX: number, byY: number, limit: number): ConvexRegion {
  const excess = (point: Point) => byX * point.x + byY * point.y - limit;
  // Nearly always nothing is cut, and then nothing needs to be built.
  if (region.every((point) => excess(point) <= 0)) return region;

  const corners: Point[] = [];
  let before = region.at(-1);
  for (const point of region) {
    if (before === undefined) break;
    const [from, to] = [excess(before), excess(point)];
    if (from < 0 !== to < 0 && from !== to) {
      const share = from / (from - to);
      corners.push({
        x: before.x + share * (point.x - before.x),
        y: before.y + share * (point.y - before.y),
      });
    }
    if (to < 0) corners.push(point);
    before = point;
  }
  return corners.length < 3 ? [] : corners;
}

/** Mean and covariance of a point that is anywhere in a region, equally likely. */
export interface Spread {
  readonly mean: Point;
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
}

/** Sums the triangles that the first corner makes with each edge. */
export function spreadOf(region: ConvexRegion): Spread | undefined {
  const [origin] = region;
  if (origin === undefined) return undefined;
  let [area2, x, y, xx, xy, yy] = [0, 0, 0, 0, 0, 0];
  for (let index = 1; index + 1 < region.length; index += 1) {
    const [p, q] = [region[index] ?? origin, region[index + 1] ?? origin];
    const [px, py, qx, qy] = [p.x - origin.x, p.y - origin.y, q.x - origin.x, q.y - origin.y];
    const weight = px * qy - py * qx;
    area2 += weight;
    x += (weight * (px + qx)) / 3;
    y += (weight * (py + qy)) / 3;
    xx += (weight * (px * px + px * qx + qx * qx)) / 6;
    yy += (weight * (py * py + py * qy + qy * qy)) / 6;
    xy += (weight * (2 * px * py + px * qy + qx * py + 2 * qx * qy)) / 12;
  }
  if (area2 === 0) return undefined;
  const [meanX, meanY] = [x / area2, y / area2];
  return {
    mean: { x: origin.x + meanX, y: origin.y + meanY },
    xx: Math.max(0, xx / area2 - meanX ** 2),
    xy: xy / area2 - meanX * meanY,
    yy: Math.max(0, yy / area2 - meanY ** 2),
  };
}
