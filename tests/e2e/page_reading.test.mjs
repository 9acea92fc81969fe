// Readings on the page at GET /: coverage that fills chunk by chunk, evidence in its place, going
// on, stopping, and what becomes of a reading when the server goes.

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import {desktop, launchBrowser, phone, Visit} from './support/browser.mjs';
import {eventually, Workshop} from './support/callslip.mjs';
import {documents, longDocument, manyDocuments} from './support/documents.mjs';
import {startModel} from './support/model.mjs';

let browser;

before(async () => { browser = await launchBrowser(); });
after(() => browser?.close());

async function visit(t, server, fragment, options = desktop) {
  const home = `http://${server.authority}/`;
  const begun = await Visit.begin(browser, options, home);
  t.after(() => begun.end());
  await begun.page.goto(home + fragment);
  return begun;
}

const readLink = (question, more = '') => `#read=${encodeURIComponent(question)}${more}`;
const readButton = page => page.getByRole('button', {name: 'Read', exact: true});
const readSoFar = page => page.locator('[role=progressbar]').getAttribute('aria-valuenow').then(Number);

/** How many cells have the colour of a kind, by what is on the canvas. */
function cellsOf(page, kind) {
  return page.evaluate(name => {
    const canvas = document.querySelector('canvas.grid');
    const wanted = getComputedStyle(document.querySelector(`.key-${name}`)).backgroundColor.match(/\d+/g).map(Number);
    // A copy: the browser warns of canvases that are read often.
    const copy = new OffscreenCanvas(canvas.width, canvas.height)
      .getContext('2d', {willReadFrequently: true});
    copy.drawImage(canvas, 0, 0);
    const {data} = copy.getImageData(0, 0, canvas.width, canvas.height);
    let pixels = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] === 255 && wanted.every((part, j) => Math.abs(data[i + j] - part) <= 2)) ++pixels;
    }
    return pixels;
  }, kind);
}

describe('with the embedded reader', () => {
  let workshop, server;

  before(async () => {
    workshop = new Workshop({...documents, 'survey/ridge.md': longDocument});
    server = await workshop.serveIndexed();
  });
  after(() => workshop.close());

  test('a link fills in the slip, and a person hands it in', async t => {
    const {page} = await visit(t, server, readLink('What drives the fog horn?', '&effort=exhaustive'));
    await page.locator('.status[data-state=open]').waitFor();
    assert.equal(await page.inputValue('textarea[name=question]'), 'What drives the fog horn?');
    assert.equal(await page.locator('input[value=exhaustive]').isChecked(), true);
    assert.equal(await page.locator('.coverage').count(), 0, 'nothing was read yet');
    await readButton(page).click();
    await page.locator('.stamp-found').waitFor();
    const numbers = await page.locator('.grid-numbers').textContent();
    const [, read, scope, relevant] = /^([\d,]+) of ([\d,]+) chunks read · (\d+) relevant/.exec(numbers);
    assert.equal(read, scope, 'every chunk');
    assert.ok(Number(relevant) >= 1);
  });

  test('evidence is shown, and marked where it stands', async t => {
    const {page} = await visit(t, server, readLink('What drives the fog horn: compressed air in copper tanks?'));
    await page.locator('textarea[name=question]').press('Enter');
    const quote = page.locator('.evidence li', {hasText: 'compressed air'});
    await quote.waitFor();
    const sentence = await quote.locator('blockquote').textContent();
    await quote.getByRole('link').click();
    const mark = page.locator('mark.proof.current');
    await mark.waitFor();
    assert.equal((await mark.textContent()).trim(), sentence.trim());
    assert.ok(await mark.isVisible());
    assert.match(await page.locator('.marks').textContent(), /Evidence \d+ of \d+/);
    assert.match(page.url(), /mark=\d+-\d+/);
    await page.reload();
    await page.locator('mark.proof.current').waitFor();
  });

  test('n and p go from evidence to evidence in the document', async t => {
    const {page} = await visit(t, server, readLink('How many cairns did the surveyor count at station 90?', '&d=library%2Fsurvey%2F'));
    await readButton(page).click();
    await page.locator('a.in-place').first().click();
    const current = page.locator('mark.proof.current');
    await current.waitFor();
    assert.ok(await page.locator('a.in-place').count() > 1);
    const first = await current.textContent();
    await page.keyboard.press('n');
    await eventually('another passage', async () => await current.textContent() !== first);
    await page.keyboard.press('p');
    await eventually('the first again', async () => await current.textContent() === first);
  });

  test('an estimate reads nothing', async t => {
    const {page} = await visit(t, server, readLink('What drives the fog horn?', '&effort=exhaustive'));
    await page.getByRole('button', {name: 'Estimate'}).click();
    await page.getByText(/At the most \d+ chunks/).filter({visible: true}).first().waitFor();
    assert.equal(await page.locator('.coverage').count(), 0);
  });

  test('a word that no document holds is named', async t => {
    const {page} = await visit(t, server, readLink('zyzzyva quokka'));
    await readButton(page).click();
    await page.locator('.verdict').waitFor();
    assert.match(await page.locator('.verdict').textContent(), /in no document: .*zyzzyva/);
  });
});

describe('with a model that takes its time', () => {
  const needle = 'The horn is driven by compressed air, which is stored in three copper tanks.';
  const question = 'What drives the fog horn?';
  let workshop, model, server;

  before(async () => {
    workshop = new Workshop({...documents, ...manyDocuments(300, 12)});
    model = await startModel(workshop, {latency: 120, context: 2048, answer: 'Compressed air drives it. [{id}]'});
    await model.control({wanted: [needle]});
    server = await workshop.serveIndexed(...model.flags, '--reader-concurrency', '4', '--reader-cache-size', '0');
  });
  after(() => workshop.close());

  test('coverage fills while it reads, the relevant chunk is named before the end', async t => {
    const visited = await visit(t, server, readLink(question, '&effort=exhaustive&answer=1'));
    visited.expected.push(/willReadFrequently/);  // looking at the cells, as only tests do
    const {page} = visited;
    await readButton(page).click();
    await page.locator('.so-far a', {hasText: 'lamp.md'}).waitFor();
    const early = await readSoFar(page);
    const total = Number(await page.locator('[role=progressbar]').getAttribute('aria-valuemax'));
    assert.ok(early > 0 && early < total, `${early} of ${total}`);
    assert.equal(await page.locator('.verdict').count(), 0, 'it still reads');
    assert.ok(await cellsOf(page, 'relevant') > 0, 'a cell for it');
    const [fewer, blank] = [await cellsOf(page, 'read'), await cellsOf(page, 'unread')];
    assert.ok(blank > 0);
    await visited.shot('reading-desktop-light');
    await eventually('more of it', async () => await readSoFar(page) > early);
    await eventually('more cells are filled', async () => await cellsOf(page, 'read') > fewer);
    await page.locator('.stamp-found').waitFor();
    assert.equal(await readSoFar(page), total);
    assert.equal(await cellsOf(page, 'unread'), 0);
    // The answer leads to its evidence.
    const answer = page.locator('section.answer');
    assert.match(await answer.textContent(), /Compressed air drives it/);
    await answer.getByRole('button', {name: 'Evidence 1'}).click();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'evidence-1');
    assert.equal((await page.locator('#evidence-1 blockquote').textContent()).trim(), needle);
    await visited.shot('read-model-desktop-light', {fullPage: true});
  });

  test('a reading can be stopped, and the server stops with it', async t => {
    const {page} = await visit(t, server, readLink('Anything about the wharf?', '&effort=exhaustive'));
    await readButton(page).click();
    await eventually('some of it', async () => await readSoFar(page) > 0);
    await page.getByRole('button', {name: 'Stop'}).click();
    await page.getByText('Stopped.').filter({visible: true}).first().waitFor();
    await eventually('no call to the model', async () => (await model.stats()).in_flight === 0);
    const {calls} = await model.stats();
    await page.getByRole('link', {name: 'Documents', exact: true}).click();
    await page.locator('.row').filter({visible: true}).first().waitFor();
    assert.equal((await model.stats()).calls, calls);
  });

  test('it goes on where an effort ended', async t => {
    const {page} = await visit(t, server, readLink(question, '&effort=quick'), phone);
    await readButton(page).click();
    await page.locator('.stamp-found').waitFor();
    const first = await readSoFar(page);
    assert.equal(first, 64);
    await page.getByRole('button', {name: /^Read on \(/}).click();
    await eventually('more of it', async () => await readSoFar(page) > first);
    await page.locator('.verdict').waitFor();
    assert.ok((await page.locator('.evidence blockquote').allTextContents()).some(text => text.trim() === needle),
              'what was found before is still there');
  });

  test('failures are counted and told', async t => {
    await model.control({error_rate: 1});
    t.after(() => model.control({error_rate: 0}));
    const {page} = await visit(t, server, readLink('What failed?', '&effort=quick&d=library%2Flogs%2F00%2Flog-0.md'));
    await readButton(page).click();
    await page.locator('.stamp-partial').waitFor({timeout: 60_000});
    assert.match(await page.locator('.grid-numbers').textContent(), /\d+ failed/);
    await page.locator('.failures summary').click();
    assert.notEqual(await page.locator('.failures li').first().textContent(), '');
    assert.ok(await cellsOf(page, 'failed') > 0);
  });

  test('a reading that is under way when the server goes is told, and can be begun again', async t => {
    const own = await workshop.serve('--index', workshop.index, ...model.flags, '--reader-cache-size', '0',
                                     '--reader-concurrency', '2');
    const visited = await visit(t, own, readLink('Where is the sextant?', '&effort=exhaustive'));
    visited.expected.push(/WebSocket|ERR_CONNECTION_REFUSED/);
    const {page} = visited;
    await readButton(page).click();
    await eventually('some of it', async () => await readSoFar(page) > 0);
    own.child.kill('SIGKILL');
    workshop.running.splice(workshop.running.indexOf(own), 1);
    await page.getByText('The connection to the server was lost before the answer came.').waitFor();
    const again = await workshop.serve('--index', workshop.index, '--listen', own.authority);
    await page.locator('.banner').waitFor({state: 'hidden'});
    await page.getByRole('button', {name: 'Read again'}).click();
    await page.locator('.verdict').waitFor();
    await again.stop();
  });
});
