// A chunk as a card of the catalogue: where it is from, and what it says, cut around what was
// sought.

import {h, put, refill} from './element.js';
import {excerptOf, marked, rangesOf} from './highlight.js';
import {countOf, nameParts, placeOf, plural} from './format.js';

const excerptLetters = 420;

/** A document's name whose folders stand back. */
export function nameOf(document) {
  const {folder, base} = nameParts(document);
  return [folder && h('span', {class: 'folder'}, folder), h('span', {class: 'base'}, base)];
}

/** What a card is called, the most particular heading, and what that stands under. */
export function callingOf(chunk) {
  const headings = chunk.headings ?? [];
  const trail = !chunk.title || headings[0] === chunk.title ? headings : [chunk.title, ...headings];
  return {name: trail.at(-1) ?? nameParts(chunk.document).base, above: trail.slice(0, -1)};
}

/** `options`: wanted (of highlight.js); href, of the card's place in its document; tools, elements
 * for its foot. */
export function chunkCard(chunk, {wanted, href, tools = []}) {
  const body = h('div', {class: 'card-text', dir: 'auto'});
  const ranges = rangesOf(chunk.text, wanted);
  const {from, to} = excerptOf(chunk.text, ranges, excerptLetters);
  const cut = from > 0 || to < chunk.text.length;
  const show = whole => {
    const [begin, end] = whole ? [0, chunk.text.length] : [from, to];
    refill(body, begin > 0 && '… ', marked(chunk.text, ranges, begin, endOf(chunk.text, end)),
           end < chunk.text.length && ' …');
  };
  show(!cut);
  const foot = h('div', {class: 'card-foot'});
  if (cut) {
    const toggle = h('button', {type: 'button', class: 'quiet', 'aria-expanded': 'false', onclick: () => {
      const whole = toggle.getAttribute('aria-expanded') === 'false';
      toggle.setAttribute('aria-expanded', String(whole));
      refill(toggle, whole ? 'Show less' : 'Show all of it');
      show(whole);
    }}, 'Show all of it');
    put(foot, toggle);
  }
  put(foot, tools);
  const {name, above} = callingOf(chunk);
  return h('article', {class: 'card', 'data-chunk': chunk.chunk_id},
           h('header', {class: 'card-head'},
             h('div', {class: 'card-source'}, nameOf(chunk.document)),
             h('h3', {dir: 'auto'}, href ? h('a', {href}, name) : name),
             above.length > 0 && h('div', {class: 'trail', dir: 'auto'}, above.join(' › '))),
           body,
           h('div', {class: 'card-meta'},
             h('span', {}, placeOf(chunk.location)),
             chunk.score > 0 && h('span', {title: 'How well it matches (BM25)'},
                                  `score ${chunk.score.toFixed(1)}`),
             h('span', {}, plural(chunk.tokens, 'token')),
             chunk.truncated && h('span', {}, 'cut to fit'),
             chunk.duplicates?.length > 0 &&
                 h('span', {title: chunk.duplicates.join('\n')},
                   `also in ${plural(chunk.duplicates.length, 'other place')}`)),
           foot.childElementCount > 0 && foot);
}

/** Where the text before `to` ends when blanks are left out. */
function endOf(text, to) {
  let end = to;
  while (end > 0 && /\s/.test(text[end - 1])) --end;
  return end;
}

/** Cards, the first `shown` at first: the others come with a click. */
export function cardStack(cards, shown) {
  const stack = h('div', {class: 'cards'}, cards.slice(0, shown));
  if (cards.length <= shown) return stack;
  const all = h('button', {type: 'button', class: 'more', onclick: () => {
    all.remove();
    put(stack, cards.slice(shown));
    cards[shown].querySelector('a, button')?.focus();
  }}, `Show all ${countOf(cards.length)}`);
  return h('div', {class: 'stack'}, stack, all);
}
