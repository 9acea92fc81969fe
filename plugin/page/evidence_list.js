// Evidence: sentences of the documents, verbatim, each with its place.

import {h} from './element.js';
import {nameOf} from './chunk_card.js';
import {placeOf, plural} from './format.js';

/** `linkTo(evidence)`: the address of its place, or null. Each gets the id "evidence-N". */
export function evidenceList(evidence, linkTo) {
  const groups = new Map();
  evidence.forEach((one, i) => {
    if (!groups.has(one.document)) groups.set(one.document, []);
    groups.get(one.document).push([one, i + 1]);
  });
  return h('div', {class: 'evidence'}, [...groups].map(([document, members]) =>
    h('section', {class: 'evidence-group', 'aria-label': document},
      h('div', {class: 'card-source'}, nameOf(document)),
      h('ol', {}, members.map(([one, number]) => item(one, number, linkTo(one)))))));
}

function item(one, number, href) {
  const place = placeOf(one.location);
  const also = one.also_in?.length ?? 0;
  return h('li', {id: `evidence-${number}`, value: number, tabindex: -1},
           h('blockquote', {dir: 'auto', cite: one.uri}, one.text),
           h('footer', {},
             href ? h('a', {href, class: 'in-place'}, `See in place: ${place}`) : h('span', {}, place),
             also > 0 && h('span', {title: one.also_in.join('\n')},
                           `also in ${plural(also, 'other chunk')}`)));
}

/** An answer's paragraphs; its [chunk ids] become the numbers of the evidence. */
export function answerText(answer, evidence, onCite) {
  const numbers = new Map();
  evidence.forEach((one, i) => {
    if (!numbers.has(one.chunk_id)) numbers.set(one.chunk_id, i + 1);
  });
  return answer.trim().split(/\n{2,}/).map(paragraph => {
    const nodes = [];
    let at = 0;
    for (const match of paragraph.matchAll(/\[([0-9a-z]+:\d+(?:\s*[,;]\s*[0-9a-z]+:\d+)*)\]/g)) {
      const cited = match[1].split(/\s*[,;]\s*/);
      if (!cited.some(id => numbers.has(id))) continue;
      nodes.push(paragraph.slice(at, match.index).replace(/ $/, '\u00a0'));
      for (const id of cited) {
        const number = numbers.get(id);
        nodes.push(number === undefined ? `[${id}]`
                                        : h('button', {type: 'button', class: 'cite',
                                                       'aria-label': `Evidence ${number}`,
                                                       onclick: () => onCite(number)}, number));
      }
      at = match.index + match[0].length;
    }
    nodes.push(paragraph.slice(at));
    return h('p', {dir: 'auto'}, nodes);
  });
}
