// How numbers and places are written for people.

const grouped = new Intl.NumberFormat('en-US');
const short = new Intl.NumberFormat('en-US', {notation: 'compact', maximumFractionDigits: 1});

export const countOf = number => grouped.format(number);
export const shortCount = number => short.format(number);

/** "1 chunk", "2,041 chunks". */
export const plural = (number, noun) => `${countOf(number)} ${noun}${number === 1 ? '' : 's'}`;

/** What an answer says beside its chunks: notes, and what was searched otherwise than asked for. */
export const notesOf = ({notes = [], relaxed = []}) =>
    [...notes, ...relaxed.map(({note}) => `${note[0].toUpperCase()}${note.slice(1)}.`)];

/** "page 3, lines 10–42"; lines of extracted text are those of the text, not of the file. */
export function placeOf(location) {
  const lines = location.line_end > location.line_start
      ? `lines ${location.line_start}–${location.line_end}`
      : `line ${location.line_start}`;
  const part = partOf(location);
  return part ? `${part}, ${lines}` : lines;
}

/** "page 3", "slides 2–3", "sheet Budget"; nothing where a document has no such parts. */
function partOf(location) {
  for (const kind of ['page', 'slide', 'sheet']) {
    const first = location[kind];
    const last = location[`${kind}_end`];
    if (first !== undefined) return last === undefined ? `${kind} ${first}` : `${kind}s ${first}–${last}`;
  }
  return '';
}

export function secondsOf(seconds) {
  if (seconds < 0.95) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 90) return `${seconds.toFixed(1)} s`;
  return `${Math.round(seconds / 60)} min`;
}

/** The folders of a document's name, and the rest. */
export function nameParts(name) {
  const cut = name.lastIndexOf('/', name.length - 2) + 1;
  return {folder: name.slice(0, cut), base: name.slice(cut)};
}

export function dayOf(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  return date.toLocaleDateString('en-GB', {year: 'numeric', month: 'short', day: 'numeric'});
}
