// node qmd_runs.mjs DATA OUT: OUT/COLLECTION.tsv, what qmd's keyword search (npm @tobilu/qmd, installed where
// this is run) returns for each query of the collections below DATA, for `relevance --run qmd=OUT`.
import {existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {gunzipSync} from 'node:zlib';

const [data, out] = process.argv.slice(2);
if (!out) {
  console.error('usage: node qmd_runs.mjs DATA OUT');
  process.exit(2);
}
const root = join(process.cwd(), 'node_modules/@tobilu/qmd/dist/index.js');
const {createStore} = await import(pathToFileURL(root));

function records(folder, name) {
  const path = join(folder, name);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : gunzipSync(readFileSync(`${path}.gz`)).toString();
  return text.split('\n').filter(line => line).map(line => JSON.parse(line));
}

/** Documents and queries; of a set of questions, as collection.cpp numbers them. */
function load(folder) {
  if (existsSync(join(folder, 'qrels.tsv'))) {
    return {documents: records(folder, 'corpus.jsonl').map(({_id, title = '', text}) => ({id: _id, title, text})),
            queries: records(folder, 'queries.jsonl').map(({_id, text}) => ({id: _id, text}))};
  }
  const documents = new Map();
  const questions = records(folder, 'qa.jsonl');
  for (const {title = '', text} of questions.flatMap(each => each.context_docs ?? [])) {
    if (!documents.has(text)) documents.set(text, {id: String(documents.size), title, text});
  }
  return {documents: [...documents.values()], queries: questions.map(each => ({id: each.id, text: each.question}))};
}

mkdirSync(out, {recursive: true});
for (const name of readdirSync(data)) {
  const folder = join(data, name);
  if (!['qrels.tsv', 'qa.jsonl', 'qa.jsonl.gz'].some(file => existsSync(join(folder, file)))) continue;
  const {documents, queries} = load(folder);
  const scratch = mkdtempSync(join(tmpdir(), 'qmd-runs-'));
  const files = join(scratch, 'files');
  mkdirSync(files);
  documents.forEach(({title, text}, number) =>
      writeFileSync(join(files, `d${number}.md`), title ? `# ${title}\n\n${text}\n` : `${text}\n`));
  const store = await createStore({dbPath: join(scratch, 'index.sqlite'),
                                   config: {collections: {all: {path: files, pattern: '**/*.md'}}}});
  await store.update();
  const lines = [];
  for (const {id, text} of queries) {
    for (const hit of await store.searchLex(text.replaceAll('"', ' '), {limit: 100})) {
      const number = Number(basename(hit.filepath ?? hit.file ?? hit.displayPath).slice(1, -3));
      lines.push(`${id}\t${documents[number].id}\t${hit.score}`);
    }
  }
  await store.close();
  writeFileSync(join(out, `${name}.tsv`), lines.map(line => `${line}\n`).join(''));
  rmSync(scratch, {recursive: true});
  console.error(`${name}: ${documents.length} documents, ${queries.length} queries, ${lines.length} hits`);
}
