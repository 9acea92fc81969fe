// The shelf: rows of folders and documents, each a link.

import {h, icon, iconPaths} from './element.js';
import {nameOf} from './chunk_card.js';
import {countOf, dayOf, nameParts, plural, shortCount} from './format.js';

/** Folders one step below `folder`, with all that is in them; the server counts every folder by
 * itself. `own` is what stands in `folder` directly. */
export function nextFolders(folders, folder) {
  const below = new Map();
  let own = 0;
  for (const one of folders) {
    if (one.folder === folder) {
      own += one.documents;
      continue;
    }
    const step = one.folder.indexOf('/', folder.length);
    const name = step < 0 ? one.folder : one.folder.slice(0, step + 1);
    const known = below.get(name) ?? {folder: name, documents: 0, tokens: 0};
    below.set(name, {folder: name, documents: known.documents + one.documents,
                     tokens: known.tokens + one.tokens});
  }
  return {below: [...below.values()], own};
}

/** Rows of folders; a file at the top is counted by the server as a folder of one. */
export function folderRows(folders, app) {
  return h('ul', {class: 'shelf', 'aria-label': 'Folders'}, folders.map(({folder, documents, tokens}) => {
    const single = !folder.endsWith('/');
    const href = single ? app.link({document: folder, open: '', mark: ''})
                        : app.linkTo({view: 'library', folder});
    return h('li', {class: 'row'},
             h('a', {class: 'row-name', href}, !single && icon(iconPaths.folder),
               nameParts(folder).base.replace(/\/$/, '')),
             h('span', {class: 'row-meta'}, `${plural(documents, 'document')} · ${shortCount(tokens)} tokens`));
  }));
}

/** Rows of documents, below the names of their folders where there are several. */
export function documentRows(documents, app) {
  const groups = new Map();
  for (const one of documents) {
    const {folder} = nameParts(one.document);
    if (!groups.has(folder)) groups.set(folder, []);
    groups.get(folder).push(one);
  }
  return [...groups].map(([folder, members]) => [
    groups.size > 1 && h('h2', {class: 'group path'}, folder || 'At the top'),
    h('ul', {class: 'shelf', 'aria-label': folder ? `Documents in ${folder}` : 'Documents'},
      members.map(one => documentRow(one, app))),
  ]);
}

function documentRow(one, app) {
  const {base} = nameParts(one.document);
  const meta = [one.type, plural(one.chunks, 'chunk'), `${shortCount(one.tokens)} tokens`, dayOf(one.modified)];
  if (one.lossy) meta.push('some bytes could not be decoded');
  return h('li', {class: 'row'},
           h('a', {class: 'row-name', title: `${one.document}, ${countOf(one.bytes)} bytes`,
                   href: app.link({document: one.document, open: '', mark: ''})},
             nameOf(base)),
           one.title && one.title !== base && h('span', {class: 'row-title', dir: 'auto'}, one.title),
           h('span', {class: 'row-meta'}, meta.filter(Boolean).join(' · ')));
}
