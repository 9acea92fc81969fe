// What every client must be able to rely on in a tool's result, whatever brought it.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

import Ajv2020 from 'ajv/dist/2020.js';

/** In the order of tools/list. */
export const listedTools = ['doc_search', 'read_chunks', 'submit_readings', 'list_documents'];
/** Those that need no earlier answer. */
export const toolNames = ['doc_search', 'read_chunks', 'list_documents'];

/** One call of each tool, by name, that the documents of documents.mjs answer. */
export const calls = {
  doc_search: {query: 'How is the fog horn driven?', whole: false},
  read_chunks: {question: 'What drives the fog horn: compressed air in copper tanks?'},
  list_documents: {},
};

export const textOf = result => result.content.map(part => part.text ?? '').join('\n');

/** Checks results against the tools that the server lists. */
export class ResultChecker {
  constructor(tools) {
    const ajv = new Ajv2020({allErrors: true, strictSchema: true, strictTypes: false});
    this.validators = new Map(tools.map(tool => [tool.name, ajv.compile(tool.outputSchema)]));
    for (const tool of tools) ajv.compile(tool.inputSchema);
  }

  conforms(name, result) {
    assert.ok(!result.isError, `${name} failed: ${textOf(result)}`);
    const validate = this.validators.get(name);
    assert.ok(validate(result.structuredContent), JSON.stringify(validate.errors));
  }

  /** The result conforms, what it quotes is in the files, and its text stands by itself. */
  check(name, result) {
    this.conforms(name, result);
    const {structuredContent: structured} = result;
    const text = textOf(result);
    const quotes = [...(structured.chunks ?? []), ...(structured.evidence ?? [])];
    for (const quote of quotes) {
      assertVerbatim(quote);
      assert.ok(text.includes(quote.text.trim()), `the text block lacks: ${quote.text}`);
      assert.ok(text.includes(quote.document), `the text block does not name ${quote.document}`);
      assert.ok(names(text, quote.chunk_id), `the text block does not name ${quote.chunk_id}`);
    }
    for (const {document} of structured.documents ?? []) {
      assert.ok(text.includes(document), `the text block does not name ${document}`);
    }
    if (structured.next_cursor) assert.ok(text.includes(structured.next_cursor), 'the cursor');
  }
}

/** Whether a text has a chunk's id, or a range of a document's chunks that it is in. */
function names(text, id) {
  if (text.includes(id)) return true;
  const [document, position] = id.split(':');
  return [...text.matchAll(new RegExp(`${document}:(\\d+)-(\\d+)`, 'g'))]
    .some(([, first, last]) => +first <= +position && +position <= +last);
}

/** A quote equals the document's bytes over its range. */
export function assertVerbatim({uri, text, location, truncated}) {
  const {of, byte_start: start, byte_end: end, line_start: line} = location;
  if (of !== 'file') return;
  const bytes = readFileSync(fileURLToPath(uri));
  const there = bytes.subarray(start, end).toString();
  assert.ok(truncated ? there.startsWith(text) : there === text, `${uri} has not: ${text}`);
  const linesBefore = bytes.subarray(0, start).toString().split('\n').length;
  assert.equal(line, linesBefore, `the line at which ${uri} has: ${text}`);
}
