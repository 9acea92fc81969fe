// What a reading answered: how it went, the answer, the evidence, the chunks to read on in, and
// what it took. Used by the page and by the view that hosts embed.

import {h} from './element.js';
import {cardStack, chunkCard} from './chunk_card.js';
import {answerText, evidenceList} from './evidence_list.js';
import {countOf, plural, secondsOf, shortCount} from './format.js';

const shownCards = 4;  // evidence comes first; these are to read on in
const verdicts = {
  found: 'Found',
  nothing_relevant: 'Nothing relevant',
  partial: 'Partial',
};
const strengths = {
  none: 'no evidence',
  weak: 'weak evidence: do not rely on it alone',
  strong: 'strong evidence',
};

/** `links`: evidence(one) and chunk(one) give addresses or null, tools(chunk) elements. */
export function readingResult(result, wanted, links) {
  const {evidence = [], chunks = []} = result;
  const cite = number => {
    const target = document.getElementById(`evidence-${number}`);
    target?.scrollIntoView({block: 'center'});
    target?.focus({preventScroll: true});
  };
  return h('div', {class: 'reading-result'},
           h('p', {class: 'verdict'},
             h('span', {class: `stamp stamp-${result.status}`}, verdicts[result.status] ?? result.status),
             ' ', sentenceOf(result)),
           (result.notes ?? []).map(note => h('p', {class: 'note'}, note)),
           result.answer && h('section', {class: 'answer', 'aria-label': 'Answer'},
                              h('h2', {}, 'Answer'), answerText(result.answer, evidence, cite)),
           evidence.length > 0 && h('section', {},
                                    h('h2', {}, `Evidence (${countOf(evidence.length)})`),
                                    evidenceList(evidence, links.evidence)),
           chunks.length > 0 && h('section', {},
                                  h('h2', {}, `Where to read on (${plural(chunks.length, 'chunk')})`),
                                  cardStack(chunks.map(chunk =>
                                    chunkCard(chunk, {wanted, href: links.chunk(chunk),
                                                      tools: links.tools?.(chunk) ?? []})), shownCards)),
           failuresOf(result.coverage), usageOf(result.usage));
}

function sentenceOf({status, coverage, evidence_strength: strength, unknown_terms: unknown = []}) {
  const {in_scope: scope, read, relevant, failed, unread} = coverage;
  const parts = [`${plural(relevant, 'relevant chunk')} in ${countOf(read)} read of ${countOf(scope)}`];
  if (failed > 0) parts.push(`${countOf(failed)} failed`);
  if (unread > 0 && status !== 'nothing_relevant') parts.push(`${countOf(unread)} not read`);
  if (unread > 0 && status === 'nothing_relevant') parts.push(`${countOf(unread)} were not read`);
  if (strength && relevant > 0) parts.push(strengths[strength] ?? strength);
  if (unknown.length > 0) parts.push(`in no document: ${unknown.join(', ')}`);
  return `${parts.join('; ')}.`;
}

function failuresOf(coverage) {
  const failures = coverage?.failures ?? [];
  if (failures.length === 0) return null;
  return h('details', {class: 'failures'},
           h('summary', {}, `${plural(coverage.failed, 'chunk')} could not be read`),
           h('ul', {}, failures.map(one => h('li', {}, h('code', {}, one.chunk_id), ` ${one.reason}`))));
}

function usageOf(usage) {
  if (!usage) return null;
  const parts = [`Reader: ${usage.reader}`];
  if (usage.calls > 0) {
    parts.push(plural(usage.calls, 'call'),
               `${shortCount(usage.prompt_tokens)} tokens in, ${shortCount(usage.completion_tokens)} out`);
  }
  if (usage.rejected_quotes > 0) {
    parts.push(`${plural(usage.rejected_quotes, 'quote')} made up and dropped`);
  }
  if (usage.seconds > 0) parts.push(secondsOf(usage.seconds));
  return h('p', {class: 'usage'}, parts.join(' · '));
}
