// Which parts of a text the words of a query mark. The index finds words by their stems; here a
// word's likely stem is compared with the beginnings of the text's words, which is close enough
// for the eye.

import {h} from './element.js';

const commonWords = new Set(
    ('a an and are as at be been but by can did do does for from had has have how i if in into is it '
     + 'its me my no not of on or our she so than that the their them then there these they this to '
     + 'was we were what when where which who whom whose why will with would you your').split(' '));
const endings = ['ations', 'ation', 'ingly', 'ments', 'ment', 'ness', 'ings', 'ies', 'ing', 'edly',
                 'ers', 'est', 'ed', 'es', 'er', 'ly', 's', 'y', 'e'];
const wordPattern = /[\p{L}\p{M}\p{N}]+/gu;
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const shortestStem = 3;
const longestEnding = 6;  // of a word of the text beyond the stem

function likelyStem(word) {
  for (const ending of endings) {
    if (word.endsWith(ending) && word.length - ending.length >= shortestStem) {
      return word.slice(0, -ending.length);
    }
  }
  return word;
}

/** `literals` are marked wherever they stand, in their case; words by their stems. */
export function sought(query, keywords = [], literals = []) {
  const quoted = [...query.matchAll(/"([^"]+)"/g)].map(match => match[1]);
  const words = [];
  for (const text of [query, ...keywords]) {
    for (const [word] of text.toLowerCase().matchAll(wordPattern)) words.push(word);
  }
  const telling = words.filter(word => !commonWords.has(word));
  const stems = new Set();
  const pairs = new Set();
  for (const word of telling.length > 0 ? telling : words) {
    if (!unspaced.test(word)) {
      stems.add(likelyStem(word));
    } else if (word.length === 1) {
      pairs.add(word);
    } else {
      for (let i = 0; i + 1 < word.length; ++i) pairs.add(word.slice(i, i + 2));
    }
  }
  return {stems, pairs, literals: [...literals, ...quoted].filter(Boolean)};
}

function wordMarked(word, stems) {
  for (let length = Math.min(word.length, 40); length >= 1; --length) {
    if (word.length - length > longestEnding) break;
    if (length < shortestStem && length < word.length) break;
    if (stems.has(word.slice(0, length))) return true;
  }
  return false;
}

/** [start, end) of what is to be marked: in order, not overlapping. */
export function rangesOf(text, wanted) {
  const found = [];
  for (const literal of wanted.literals) {
    for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + literal.length)) {
      found.push([at, at + literal.length]);
    }
  }
  const lower = text.toLowerCase();
  const aligned = lower.length === text.length ? lower : text;  // İ and the like change the length
  for (const match of aligned.matchAll(wordPattern)) {
    // tideHeight is found by "height", as in the index.
    for (const part of partsOf(text, match.index, match[0].length)) {
      if (wordMarked(aligned.slice(...part), wanted.stems)) found.push(part);
    }
  }
  for (const pair of wanted.pairs) {
    for (let at = aligned.indexOf(pair); at >= 0; at = aligned.indexOf(pair, at + 1)) {
      found.push([at, at + pair.length]);
    }
  }
  return joined(found);
}

function partsOf(text, start, length) {
  const cuts = [start];
  for (let i = start + 1; i < start + length; ++i) {
    if (/\p{Lu}/u.test(text[i]) && /\p{Ll}/u.test(text[i - 1])) cuts.push(i);
  }
  cuts.push(start + length);
  return cuts.slice(1).map((end, i) => [cuts[i], end]);
}

function joined(ranges) {
  ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const out = [];
  for (const [start, end] of ranges) {
    const last = out.at(-1);
    if (last && start <= last[1]) {
      last[1] = Math.max(last[1], end);
    } else {
      out.push([start, end]);
    }
  }
  return out;
}

/** The text of [from, to) as nodes, the ranges in <mark>. */
export function marked(text, ranges, from = 0, to = text.length) {
  const nodes = [];
  let at = from;
  for (const [start, end] of ranges) {
    if (end <= from || start >= to) continue;
    const begin = Math.max(start, at);
    if (begin > at) nodes.push(text.slice(at, begin));
    const stop = Math.min(end, to);
    nodes.push(h('mark', {}, text.slice(begin, stop)));
    at = stop;
  }
  if (at < to) nodes.push(text.slice(at, to));
  return nodes;
}

/** Where to cut a passage of about `size` letters that shows the most of the ranges. */
export function excerptOf(text, ranges, size) {
  if (text.length <= size * 1.25) return {from: 0, to: text.length};
  let best = 0;
  let most = -1;
  for (let first = 0; first < ranges.length; ++first) {
    const end = ranges[first][0] + size * 0.8;
    const words = new Set();
    for (let i = first; i < ranges.length && ranges[i][1] <= end; ++i) {
      words.add(text.slice(...ranges[i]).toLowerCase());
    }
    if (words.size > most) [best, most] = [ranges[first][0], words.size];
  }
  // From the start of a line or sentence that is near, else of a word.
  const earliest = Math.max(0, best - Math.round(size / 2));
  const near = text.slice(earliest, best);
  const stop = Math.max(near.lastIndexOf('\n') + 1, lastSentence(near));
  const from = earliest === 0 && stop === 0 ? 0 : earliest + (stop || near.lastIndexOf(' ', near.length - 60) + 1);
  let to = Math.min(text.length, from + size);
  const after = text.slice(to, to + 40).search(/\s/);
  to = after < 0 ? to : to + after;
  return {from, to: isLowSurrogate(text, to) ? to + 1 : to};
}

function lastSentence(text) {
  const ends = [...text.matchAll(/[.!?。！？]["”’)]*\s+|[。！？]/gu)];
  return ends.length === 0 ? 0 : ends.at(-1).index + ends.at(-1)[0].length;
}

function isLowSurrogate(text, at) {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
}
