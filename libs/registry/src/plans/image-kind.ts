import { type PlanType } from '@watchfire/contracts';

export interface ImageKind {
  readonly type: PlanType;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** A browser holds four bytes a pixel, whatever the file weighs. */
const MOST_PIXELS = 64_000_000;

/**
 * What an image is by its own bytes, whatever it is called; `undefined` for anything that is no PNG, JPEG or WebP of a size that
 * can be drawn. SVG is none of them on purpose: it can carry script.
 */
export function imageKind(bytes: Uint8Array): ImageKind | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = pngSize(view) ?? webpSize(view) ?? jpegSize(view);
  if (found === undefined || found.width < 1 || found.height < 1) return undefined;
  return found.width * found.height > MOST_PIXELS ? undefined : found;
}

const text = (view: DataView, at: number, length: number): string =>
  at + length > view.byteLength
    ? ''
    : String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, length));

/** PNG §5.2 and §11.2.2: signature, then IHDR with width and height. */
function pngSize(view: DataView): ImageKind | undefined {
  if (view.byteLength < 33 || view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a) {
    return undefined;
  }
  if (text(view, 12, 4) !== 'IHDR') return undefined;
  return { type: 'image/png', width: view.getUint32(16), height: view.getUint32(20) };
}

/** RFC 9649 §2.4 to 2.7: RIFF, then the first chunk of a lossy, a lossless or an extended file. */
function webpSize(view: DataView): ImageKind | undefined {
  if (text(view, 0, 4) !== 'RIFF' || text(view, 8, 4) !== 'WEBP' || view.byteLength < 30) return undefined;
  const type = 'image/webp' as const;
  switch (text(view, 12, 4)) {
    case 'VP8 ':
      if (view.getUint8(23) !== 0x9d || view.getUint16(24) !== 0x012a) return undefined;
      return { type, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    case 'VP8L': {
      if (view.getUint8(20) !== 0x2f) return undefined;
      const bits = view.getUint32(21, true);
      return { type, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { type, width: uint24(view, 24) + 1, height: uint24(view, 27) + 1 };
    default:
      return undefined;
  }
}

const uint24 = (view: DataView, at: number): number =>
  view.getUint16(at, true) + view.getUint8(at + 2) * 65_536;

/** ITU-T T.81 §B.1 and B.2.2: markers up to the first frame header. */
function jpegSize(view: DataView): ImageKind | undefined {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 <= view.byteLength;) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (isFrame(marker)) {
      return { type: 'image/jpeg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
    const length = view.getUint16(at + 2);
    if (marker === 0xda || length < 2) return undefined;
    at += 2 + length;
  }
  return undefined;
}

/** SOF0 to SOF15 without DHT, JPG and DAC, which lie among them. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
