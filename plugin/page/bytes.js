// Places in documents are byte offsets into UTF-8; strings here are UTF-16.

/** The offset in `text` after `bytes` bytes; at the start of the letter when in the middle of one. */
export function offsetOfByte(text, bytes) {
  let at = 0;
  for (let i = 0; i < text.length;) {
    const code = text.codePointAt(i);
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (at + size > bytes) return i;
    at += size;
    i += code < 0x10000 ? 1 : 2;
  }
  return text.length;
}

/** The part of a piece's text that [start, end) of its document covers, or null. */
export function rangeInPiece(piece, start, end) {
  const {byte_start: from, byte_end: to} = piece.location;
  if (end <= from || start >= to) return null;
  return [offsetOfByte(piece.text, Math.max(0, start - from)),
          offsetOfByte(piece.text, Math.min(end, to) - from)];
}
