/** What is known of a serial port besides its path, as `SerialPort.list()` tells it. */
export interface ListedPort {
  readonly path: string;
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
  readonly serialNumber?: string | undefined;
  /** The system's name of what is plugged in; tells the interfaces of one device apart. */
  readonly pnpId?: string | undefined;
}

/** What stays the same of a USB port when it is plugged in elsewhere. */
export interface PortIdentity {
  /** `vendor:product` in lower-case hexadecimal. */
  readonly usbId: string;
  readonly serialNumber: string | undefined;
  readonly pnpId: string | undefined;
}

/** The identity of a listed port; undefined where it is no USB port. */
export function identityOf({
  vendorId,
  productId,
  serialNumber,
  pnpId,
}: ListedPort): PortIdentity | undefined {
  if (!vendorId || !productId) return undefined;
  return {
    usbId: `${vendorId}:${productId}`.toLowerCase(),
    serialNumber: serialNumber || undefined,
    pnpId: pnpId || undefined,
  };
}

/**
 * Paths where the port that was `path` may be now, likeliest first; never empty.
 *
 * The path as written comes first, unless another device sits there now: then it comes last, since a
 * listing may be out of date. The others are those of the same identity: of the same serial number
 * where the device has one, else of the same vendor and product without a serial number.
 */
export function placesOf(
  path: string,
  identity: PortIdentity | undefined,
  ports: readonly ListedPort[],
): readonly string[] {
  if (identity === undefined) return [path];
  const others = ports
    .filter((port) => port.path !== path && isSame(identity, identityOf(port)))
    .sort((a, b) => rank(identity, a) - rank(identity, b) || byNumber.compare(a.path, b.path))
    .map((port) => port.path);
  const there = ports.find((port) => port.path === path);
  const isTaken = there !== undefined && !isSame(identity, identityOf(there));
  return isTaken ? [...others, path] : [path, ...others];
}

const isSame = (one: PortIdentity, other: PortIdentity | undefined): boolean =>
  other?.usbId === one.usbId && other.serialNumber === one.serialNumber;

/** A board with two interfaces shows two ports of one serial number: the same interface first. */
const rank = ({ pnpId }: PortIdentity, port: ListedPort): number =>
  pnpId !== undefined && port.pnpId === pnpId ? 0 : 1;

const byNumber = new Intl.Collator('en', { numeric: true });
