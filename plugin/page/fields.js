// Parts of forms that several views have.

import {h} from './element.js';

let fieldNumber = 0;

/** A labelled field; returns the label's and the field's element. */
export function field(label, hint, input) {
  const id = `field-${++fieldNumber}`;
  input.id = id;
  const note = hint && h('span', {class: 'hint', id: `${id}-hint`}, hint);
  if (note) input.setAttribute('aria-describedby', note.id);
  return h('div', {class: 'field'}, h('label', {for: id}, label), input, note);
}

export const linesOf = input => input.value.split('\n').map(line => line.trim()).filter(Boolean);

/** A field with an entry on each line, which grows with them. */
export function linesInput(name) {
  return h('textarea', {name, rows: 2, spellcheck: 'false', autocapitalize: 'off'});
}

export function setLines(input, lines) { input.value = (lines ?? []).join('\n'); }
