// The page at GET /, in a browser: searching, reading in documents, keys, a lost connection.

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import {desktop, launchBrowser, Visit} from './support/browser.mjs';
import {eventually, Workshop} from './support/callslip.mjs';
import {documents, longDocument, manyDocuments} from './support/documents.mjs';

const hostile = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
const files = {
  ...documents,
  'survey/ridge.md': longDocument,
  'notes/bearing.eml': 'From: A. Heim <heim@example.org>\nTo: board@example.org\nSubject: The bearing\n' +
      'Date: Tue, 03 Jun 2025 10:11:12 +0200\n\nThe mercury bearing squeals at each turn.\n',
  'notes/markup.md': `# <b>Bold</b> markup\n\nThe hostile marmot wrote ${hostile} on the wall.\n`,
};

let workshop, server, browser;

before(async () => {
  workshop = new Workshop(files);
  [server, browser] = await Promise.all([workshop.serveIndexed(), launchBrowser()]);
});
after(async () => {
  await browser?.close();
  await workshop.close();
});

const home = () => `http://${server.authority}/`;

/** A visit that ends with the test. */
async function visit(t, options = desktop, fragment = '') {
  const begun = await Visit.begin(browser, options, home());
  t.after(() => begun.end());
  await begun.page.goto(home() + fragment);
  return begun;
}

const searchFor = query => `#q=${encodeURIComponent(query)}`;
const focused = page => page.evaluate(() => document.activeElement?.textContent ?? '');

describe('what is served', () => {
  test('GET / and its files come with strict headers', async () => {
    const answer = await fetch(home());
    assert.equal(answer.status, 200);
    const html = await answer.text();
    const policy = answer.headers.get('content-security-policy');
    for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'",
                        "form-action 'self'", "frame-ancestors 'none'", `ws://${server.authority}`]) {
      assert.ok(policy.includes(part), `${part} in ${policy}`);
    }
    assert.doesNotMatch(policy, /unsafe|\*/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
    const names = [...html.matchAll(/(?:src|href)="(page\/[^"]+)"/g)].map(match => match[1]);
    assert.ok(names.length >= 5, html);
    for (const name of names) {
      const file = await fetch(home() + name);
      assert.equal(file.status, 200, name);
      assert.match(file.headers.get('content-type'), name.endsWith('.css') ? /^text\/css/ : /^text\/javascript/);
      assert.equal(file.headers.get('x-content-type-options'), 'nosniff');
      await file.text();
    }
  });

  test('a browser that has a file is not sent it again', async () => {
    const first = await fetch(`${home()}page/main.js`);
    await first.text();
    const again = await fetch(`${home()}page/main.js`, {headers: {'If-None-Match': first.headers.get('etag')}});
    assert.equal(again.status, 304);
    assert.equal(await again.text(), '');
  });

  test('nothing else is there', async () => {
    for (const path of ['page/', 'page/nothing.js', 'page/app.html', 'page/..%2f..%2fetc%2fpasswd', 'page/main.js/']) {
      const answer = await fetch(home() + path);
      assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
      assert.doesNotMatch(await answer.text(), /<html|root:/);
    }
  });
});

describe('searching', () => {
  test('cards say where they are from, and mark the words', async t => {
    const {page, ...visited} = await visit(t);
    await page.fill('input[name=q]', 'compressed air of the horn');
    await page.keyboard.press('Enter');
    const card = page.locator('.card').first();
    await card.waitFor();
    assert.equal(await card.locator('.card-source').textContent(), 'library/handbook/lamp.md');
    assert.equal(await card.locator('h3').textContent(), 'The lamp');
    assert.match(await card.locator('.card-meta').textContent(), /lines 1–12.*score [\d.]+.*96 tokens/s);
    const marks = await card.locator('mark').allTextContents();
    assert.ok(marks.includes('horn') && marks.includes('compressed'), marks.join());
    assert.ok(!marks.includes('the'), 'common words are not marked');
    assert.match(page.url(), /#q=compressed/);
    assert.ok(visited.errors.length === 0);
  });

  test('filters narrow the search, and are part of the address', async t => {
    const {page} = await visit(t, desktop, '#q=causeway&d=library%2Fsource%2F&x=lunar_amplitude');
    await page.locator('.card').first().waitFor();
    assert.deepEqual(await page.locator('.card .card-source').allTextContents(), ['library/source/tide_table.c']);
    assert.equal(await page.inputValue('textarea[name=documents] >> visible=true'), 'library/source/');
    assert.deepEqual(new Set(await page.locator('.card mark').allTextContents()).has('lunar_amplitude'), true);
  });

  test('words of languages without spaces are marked too', async t => {
    const {page} = await visit(t, desktop, searchFor('茉莉花茶'));
    await page.locator('.card').first().waitFor();
    assert.ok((await page.locator('.card mark').allTextContents()).join('').includes('茉莉花茶'));
  });

  test('when no chunk holds the words it says so, and offers to read', async t => {
    const {page} = await visit(t, desktop, searchFor('zyzzyva'));
    await page.getByText('No chunk holds these words.').waitFor();
    await page.getByRole('link', {name: 'read for it chunk by chunk'}).click();
    const question = page.locator('textarea[name=question]').filter({visible: true});
    await question.waitFor();
    assert.equal(await question.inputValue(), 'zyzzyva');
  });

  test('what the tool complains of is shown', async t => {
    const {page} = await visit(t, desktop, '#q=fog&d=no%2Fsuch%2Ffolder%2F');
    const problem = page.locator('.problem[role=alert]').filter({visible: true});
    await problem.waitFor();
    assert.match(await problem.textContent(), /no\/such\/folder/);
  });

  test('texts of documents are never markup', async t => {
    const {page} = await visit(t, desktop, searchFor('hostile marmot'));
    const card = page.locator('.card').first();
    await card.waitFor();
    assert.ok((await card.textContent()).includes(hostile));
    await card.locator('h3 a').click();
    const piece = page.locator('.piece.target');
    await piece.waitFor();
    assert.ok((await piece.textContent()).includes(hostile));
    assert.equal(await page.locator('.document-text img, .document-text script, .card img, h2 b, h3 b').count(), 0);
    assert.doesNotMatch(await page.title(), /owned/);
  });

  test('the back button goes through searches and documents', async t => {
    const {page} = await visit(t, desktop, searchFor('storm petrels'));
    await page.locator('.card').first().waitFor();
    await page.fill('input[name=q]', 'copper tanks');
    await page.keyboard.press('Enter');
    // The first search has found it too, further down.
    await page.locator('.card').first().locator('.card-source', {hasText: 'lamp.md'}).waitFor();
    await page.locator('.card h3 a').first().click();
    await page.locator('.piece.target').waitFor();
    await page.goBack();
    await page.locator('.document').waitFor({state: 'hidden'});
    await page.goBack();
    await page.locator('.card-source', {hasText: 'birds.html'}).first().waitFor();
    assert.equal(await page.inputValue('input[name=q]'), 'storm petrels');
    await page.goForward();
    await page.goForward();
    await page.locator('.piece.target').waitFor();
    assert.match(await page.locator('#document-name').textContent(), /The lamp/);
  });
});

describe('reading in a document', () => {
  test('it opens at the hit, and more is fetched above and below', async t => {
    const {page} = await visit(t, desktop, searchFor('station 60 cairns 420'));
    const card = page.locator('.card', {hasText: '420 cairns'}).first();
    await card.locator('h3 a').click();
    const target = page.locator('.piece.target');
    await target.waitFor();
    assert.ok((await target.textContent()).includes('420 cairns'));
    assert.ok(await target.locator('mark').first().isVisible());
    const texts = () => page.locator('.piece-text').allTextContents();
    // Below.
    await eventually('the end of the document', async () => {
      await page.evaluate(() => { document.querySelector('.document-scroll').scrollTop = 1e6; });
      return page.getByText('End of the document').isVisible();
    });
    // And above, with what is in sight staying where it is.
    await eventually('the beginning of the document', async () => {
      await page.evaluate(() => { document.querySelector('.document-scroll').scrollTop = 0; });
      return page.getByText('Beginning of the document').isVisible();
    });
    assert.equal((await texts()).join(''), longDocument);
  });

  test('what is in sight stays when more comes above it', async t => {
    const {page} = await visit(t, desktop, searchFor('station 60 cairns 420'));
    await page.locator('.card', {hasText: '420 cairns'}).first().locator('h3 a').click();
    await page.locator('.piece.target').waitFor();
    const count = await page.locator('.piece').count();
    const before = await page.evaluate(() => {
      const scroller = document.querySelector('.document-scroll');
      scroller.scrollTop = 300;
      const first = document.querySelectorAll('.piece')[1];
      return {chunk: first.dataset.chunk, top: Math.round(first.getBoundingClientRect().top)};
    });
    await eventually('more pieces', async () => await page.locator('.piece').count() > count);
    const top = await page.locator(`.piece[data-chunk="${before.chunk}"]`)
        .evaluate(piece => Math.round(piece.getBoundingClientRect().top));
    assert.ok(Math.abs(top - before.top) <= 2, `${before.top} became ${top}`);
  });

  test('page and lines of what is in sight stay in sight', async t => {
    const {page} = await visit(t, desktop, searchFor('station 60 cairns 420'));
    await page.locator('.card', {hasText: '420 cairns'}).first().locator('h3 a').click();
    await page.locator('.piece.target').waitFor();
    const above = await page.evaluate(() => {
      const scroller = document.querySelector('.document-scroll');
      const piece = document.querySelector('.piece.target');
      scroller.scrollTop += piece.getBoundingClientRect().top - scroller.getBoundingClientRect().top + 60;
      return piece.querySelector('.piece-label').getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    });
    assert.ok(above >= -1, `${above}`);
    assert.match(await page.locator('.piece.target .piece-label').textContent(), /^lines \d+–\d+$/);
  });

  test('mail is set as prose, code is not', async t => {
    const fontOf = async name => {
      const {page} = await visit(t, desktop, `#library=&document=${encodeURIComponent(name)}`);
      await page.locator('.piece').first().waitFor();
      return page.locator('.piece-text').first().evaluate(text => getComputedStyle(text).fontFamily);
    };
    assert.doesNotMatch(await fontOf('library/notes/bearing.eml'), /mono/);
    assert.match(await fontOf('library/source/tide_table.c'), /mono/);
  });

  test('its contents lead to other parts', async t => {
    const {page} = await visit(t, desktop, '#library=&document=library%2Fsurvey%2Fridge.md');
    await page.getByText('Beginning of the document').waitFor();
    await page.getByText('Contents', {exact: true}).click();
    await page.getByRole('link', {name: 'Station 100', exact: true}).click();
    await eventually('the part', async () => (await page.locator('.piece.target').textContent().catch(() => ''))
        .includes('At station 100 '));
  });

  test('a document that is not there is told', async t => {
    const {page} = await visit(t, desktop, '#open=nothing:0');
    await page.getByText('This document cannot be shown').waitFor();
    assert.notEqual(await page.locator('.document .problem').textContent(), '');
  });
});

describe('the shelves', () => {
  test('folders lead to documents, which open', async t => {
    const {page} = await visit(t, desktop, '#library=');
    await page.getByRole('link', {name: 'birds.html'}).click();
    await page.locator('.piece').first().waitFor();
    assert.match(await page.locator('.document-text').textContent(), /snowy owl/);
    assert.match(page.url(), /document=library%2Fweb%2Fbirds.html/);
  });

  test('a part of a name finds documents', async t => {
    const {page} = await visit(t, desktop, '#library=');
    await page.fill('input[name=filter]', 'tide');
    await page.keyboard.press('Enter');
    await page.getByText('1 document ·').waitFor();
    assert.deepEqual(await page.locator('.row-name >> visible=true').allTextContents(), ['tide_table.c']);
  });

  test('many documents are shown by folder', async t => {
    const many = new Workshop(manyDocuments(400, 1));
    t.after(() => many.close());
    const other = await many.serveIndexed();
    const at = `http://${other.authority}/`;
    const visited = await Visit.begin(browser, desktop, at);
    t.after(() => visited.end());
    const {page} = visited;
    await page.goto(`${at}#library=`);
    await page.getByRole('link', {name: 'library', exact: true}).click();
    await page.getByRole('link', {name: 'logs', exact: true}).click();
    await page.getByRole('link', {name: '07', exact: true}).click();
    await page.getByRole('link', {name: 'log-7.md', exact: true}).waitFor();
    assert.equal(await page.locator('.row-name >> visible=true').count(), 10);
  });
});

describe('by keyboard alone', () => {
  test('search, walk, open, close, and back to the card', async t => {
    const {page} = await visit(t);
    await page.locator('.status[data-state=open]').waitFor();
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('/');
    await page.keyboard.type('the causeway');
    await page.keyboard.press('Enter');
    await page.locator('.card').nth(1).waitFor();
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('j');
    const first = await focused(page);
    await page.keyboard.press('ArrowDown');
    assert.notEqual(await focused(page), first);
    await page.keyboard.press('k');
    assert.equal(await focused(page), first);
    await page.keyboard.press('Enter');
    await page.locator('.piece.target').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'document-name');
    await page.keyboard.press('Escape');
    await page.locator('.document').waitFor({state: 'hidden'});
    assert.equal(await focused(page), first, 'focus is where it was');
  });

  test('the skip link leads to the content, keys are listed, focus is seen', async t => {
    const {page} = await visit(t);
    await page.locator('.status[data-state=open]').waitFor();
    await page.locator('.wordmark').focus();
    await page.keyboard.press('Shift+Tab');
    assert.equal(await focused(page), 'Skip to the content');
    assert.ok(await page.locator('.skip').isVisible());
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'view');
    await page.keyboard.press('?');
    await page.locator('dialog[open]').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.equal(outline, 'solid');
  });
});

describe('the connection', () => {
  test('is taken up again when the server was restarted, and the page says so meanwhile', async t => {
    const own = new Workshop();
    t.after(() => own.close());
    let running = await own.serveIndexed();
    const at = `http://${running.authority}/`;
    const visited = await Visit.begin(browser, desktop, at);
    visited.expected.push(/WebSocket|ERR_CONNECTION_REFUSED/);
    t.after(() => visited.end());
    const {page} = visited;
    await page.goto(`${at}#q=fog`);
    await page.locator('.card').first().waitFor();
    await running.stop();
    await page.getByText('The connection to the server is lost.').waitFor();
    assert.match(await page.locator('.status-line').textContent(), /Not connected/);
    await page.fill('input[name=q]', 'copper tanks');
    await page.keyboard.press('Enter');  // waits for the server
    running = await own.serve('--index', own.index, '--listen', new URL(at).host);
    await page.locator('.card', {hasText: 'copper'}).first().waitFor();
    await page.locator('.banner').waitFor({state: 'hidden'});
    assert.equal(await page.locator('#speaker').textContent() !== '', true);
  });

  test('the state of the index is shown, and what is new in it', async t => {
    const own = new Workshop();
    t.after(() => own.close());
    const running = await own.serve('--index', own.index, own.library);
    const at = `http://${running.authority}/`;
    const visited = await Visit.begin(browser, desktop, at);
    t.after(() => visited.end());
    const {page} = visited;
    await page.goto(at);
    const count = Object.keys(documents).length;
    await page.getByText(`${count} documents`, {exact: true}).waitFor();
    await page.locator('.status summary').click();
    const sheet = await page.locator('.status-sheet').textContent();
    assert.match(sheet, new RegExp(`Documents${count}Chunks\\d+Revision.+Version`));
  });
});

describe('attaching', () => {
  test('snippets are those of callslip connect, for this server', async t => {
    const {page} = await visit(t, desktop, '#attach=');
    await page.locator('.snippet').first().waitFor();
    const text = name => page.locator(`#attach-${name} code`).textContent();
    const claude = JSON.parse(await text('claude-code'));
    assert.deepEqual(claude.mcpServers.callslip.args.slice(0, 4), ['serve', '--stdio', '--index', workshop.index]);
    const socket = JSON.parse(await text('claude-code-ws'));
    assert.equal(socket.mcpServers.callslip.url, `ws://${server.authority}/mcp`);
    assert.doesNotMatch(await page.locator('main').textContent(), /@[A-Z_]+@/);
    const titles = await page.locator('section:first-child .snippet summary').allTextContents();
    assert.deepEqual(titles, [...new Set(titles)]);
  });

  test('a click copies one', async t => {
    const visited = await visit(t, {...desktop, permissions: ['clipboard-read', 'clipboard-write']}, '#attach=');
    const {page} = visited;
    await page.locator('#attach-claude-code summary').click();
    await page.locator('#attach-claude-code button').click();
    await page.getByText('Copied').first().waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(JSON.parse(copied).mcpServers.callslip.args[0], 'serve');
  });
});
