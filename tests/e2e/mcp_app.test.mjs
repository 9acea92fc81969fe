// The view of one result (MCP Apps) in a host: the host's side is played by the extension's own SDK
// in a page of its own, the server is asked through it.

import assert from 'node:assert/strict';
import {existsSync, readFileSync, statSync} from 'node:fs';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {desktop, launchBrowser, phone, Visit} from './support/browser.mjs';
import {eventually, Workshop} from './support/callslip.mjs';
import {documents, longDocument} from './support/documents.mjs';
import {RawClient} from './support/raw_client.mjs';

const host = 'http://host.test';
const uri = 'ui://callslip/result';
const extension = 'io.modelcontextprotocol/ui';
const packages = path.resolve('node_modules');

// What the SDK imports, for a browser.
const imports = {
  '@modelcontextprotocol/ext-apps/app-bridge': '/@modelcontextprotocol/ext-apps/dist/src/app-bridge.js',
  '@modelcontextprotocol/client': '/@modelcontextprotocol/client/dist/index.mjs',
  '@modelcontextprotocol/client/_shims': '/@modelcontextprotocol/client/dist/shimsBrowser.mjs',
  '@modelcontextprotocol/core': '/@modelcontextprotocol/core/dist/index.mjs',
  '@modelcontextprotocol/core/internal': '/@modelcontextprotocol/core/dist/internal.mjs',
  'zod/v4': '/zod/v4/index.js',
  zod: '/zod/index.js',
  'zod/mini': '/zod/mini/index.js',
  'zod/v4/core': '/zod/v4/core/index.js',
  'zod/v4/mini': '/zod/v4/mini/index.js',
  'zod/v4/locales': '/zod/v4/locales/index.js',
  eventsource: '/eventsource/dist/index.js',
  'eventsource-parser': '/eventsource-parser/dist/index.js',
  'eventsource-parser/stream': '/eventsource-parser/dist/stream.js',
  jose: '/jose/dist/webapi/index.js',
  'pkce-challenge': '/pkce-challenge/dist/index.browser.js',
};

/** As a careful host: the view's frame has no origin, and no network. */
const hostPage = `<!doctype html><title>host</title><meta name="viewport" content="width=device-width">
<script type="importmap">${JSON.stringify({imports})}</script>
<style>body { margin: 0 } iframe { border: 0; width: 100%; height: 700px }</style>
<iframe sandbox="allow-scripts" title="result"></iframe>
<script type="module">
import {AppBridge, PostMessageTransport} from '@modelcontextprotocol/ext-apps/app-bridge';
const frame = document.querySelector('iframe');
window.seen = {links: [], sizes: [], calls: [], initialized: false};
window.open = async (html, context) => {
  const bridge = new AppBridge(null, {name: 'test-host', version: '1'},
                               {openLinks: {}, serverTools: {}, logging: {}}, {hostContext: context});
  bridge.onopenlink = async ({url}) => { seen.links.push(url); return {}; };
  bridge.onsizechange = size => { seen.sizes.push(size); };
  bridge.oncalltool = async params => { seen.calls.push(params); return window.callTool(params); };
  bridge.oninitialized = () => { seen.initialized = true; };
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  window.bridge = bridge;
  frame.srcdoc = html;
};
window.ready = true;
</script>`;

const policy = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'unsafe-inline'; "
    + "img-src data:; frame-src 'self'; connect-src 'none'";

let workshop, server, client, browser, html;

before(async () => {
  workshop = new Workshop({...documents, 'survey/ridge.md': longDocument,
                           'web/linked.md': '# Linked\n\nThe saffron cormorant dries its wings.\n'});
  [server, browser] = await Promise.all([workshop.serveIndexed(), launchBrowser()]);
  client = await RawClient.connect(server.url);
  const {result} = await client.modern('resources/read', {uri});
  html = result.contents[0].text;
});
after(async () => {
  await browser?.close();
  await workshop.close();
});

const callTool = (name, args) => client.modern('tools/call', {name, arguments: args}).then(({result}) => result);

/** The view in a host; the frame of the view. */
async function embed(t, {context = {theme: 'light'}, options = desktop} = {}) {
  const visited = await Visit.begin(browser, options, host);
  visited.expected.push(/^script-src eval/);  // the host's SDK tries whether it may
  t.after(() => visited.end());
  const {page} = visited;
  await page.route('**/*', route => {
    const {pathname} = new URL(route.request().url());
    if (pathname === '/') {
      return route.fulfill({body: hostPage, contentType: 'text/html', headers: {'content-security-policy': policy}});
    }
    const file = path.join(packages, path.normalize(pathname));
    const found = existsSync(file) && statSync(file).isFile();
    return found ? route.fulfill({body: readFileSync(file), contentType: 'text/javascript'}) : route.fulfill({status: 404});
  });
  await page.exposeFunction('callTool', ({name, arguments: args}) => callTool(name, args));
  await page.goto(`${host}/`);
  await page.waitForFunction(() => window.ready);
  await page.evaluate(([text, given]) => window.open(text, given), [html, context]);
  await page.waitForFunction(() => window.seen.initialized);
  const frame = page.frames()[1];
  const show = async (name, args) => {
    const result = await callTool(name, args);
    await page.evaluate(([given, answer]) => {
      window.bridge.sendToolInput({arguments: given});
      window.bridge.sendToolResult(answer);
    }, [args, result]);
    return result;
  };
  return {visited, page, frame, show};
}

describe('what the server tells of it', () => {
  test('the resource is listed and read as HTML of an app', async () => {
    const {result: list} = await client.modern('resources/list');
    const listed = list.resources.find(resource => resource.uri === uri);
    assert.equal(listed.mimeType, 'text/html;profile=mcp-app');
    const {result} = await client.modern('resources/read', {uri});
    assert.equal(result.contents[0].mimeType, 'text/html;profile=mcp-app');
    assert.deepEqual(result.contents[0]._meta.ui, {csp: {}, prefersBorder: true});
  });

  test('the tools whose results it shows name it, and the extension is told', async () => {
    const {result} = await client.modern('tools/list');
    const named = result.tools.filter(tool => tool._meta?.ui?.resourceUri === uri).map(tool => tool.name);
    assert.deepEqual(named, ['doc_search', 'read_chunks', 'submit_readings']);
    const {result: about} = await client.modern('server/discover');
    assert.ok(about.capabilities.extensions[extension]);
  });

  test('the document is whole by itself', () => {
    assert.match(html, /^<!doctype html>/);
    assert.doesNotMatch(html, /<link|<script[^>]*src|@import|^import |\bhttps?:\/\/(?!www\.w3\.org)/m);
    assert.equal(html.match(/<\/script>/g).length, 1);
    assert.equal(html.match(/<\/style>/g).length, 1);
    assert.ok(html.length < 100_000, `${html.length}`);
  });
});

describe('in a host', () => {
  test('it shows a search as cards with its words marked', async t => {
    const {frame, show, visited} = await embed(t);
    await show('doc_search', {query: 'compressed air horn', whole: false});
    await frame.locator('.card').first().waitFor();
    assert.equal(await frame.locator('.card h3').first().textContent(), 'The lamp');
    assert.ok((await frame.locator('.card mark').allTextContents()).includes('compressed'));
    await visited.isAccessible(frame);
    await visited.shot('app-search-desktop-light');
  });

  test('it shows a reading with its coverage and evidence', async t => {
    const {frame, show, visited} = await embed(t, {context: {theme: 'dark'}, options: phone});
    await show('read_chunks', {question: 'What drives the fog horn: compressed air in copper tanks?',
                               effort: 'exhaustive'});
    await frame.locator('.stamp-found').waitFor();
    assert.ok((await frame.locator('.evidence blockquote').allTextContents()).join().includes('compressed air'));
    assert.match(await frame.locator('.grid-numbers').textContent(), /chunks read/);
    await visited.isAccessible(frame);
    await visited.shot('app-read-phone-dark');
    const wide = await frame.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0);
  });

  test('what is asked is said while it is answered', async t => {
    const {frame, page} = await embed(t);
    await page.evaluate(() => window.bridge.sendToolInput({arguments: {query: 'fog'}}));
    await frame.getByText('Searching for “fog”…').waitFor();
    await page.evaluate(() => window.bridge.sendToolCancelled({reason: 'user'}));
    await frame.getByText('Cancelled.').waitFor();
  });

  test('it follows the host\'s theme and colours', async t => {
    const {frame, page, show} = await embed(t, {context: {
      theme: 'light', styles: {variables: {'--color-background-primary': 'rgb(250, 240, 230)'}}}});
    await show('doc_search', {query: 'horn', whole: false});
    const card = frame.locator('.card').first();
    await card.waitFor();
    const ground = () => card.evaluate(one => getComputedStyle(one).backgroundColor);
    assert.equal(await ground(), 'rgb(250, 240, 230)');
    const ink = () => frame.evaluate(() => Number(getComputedStyle(document.body).color.match(/\d+/)[0]));
    assert.ok(await ink() < 100);
    await page.evaluate(() => window.bridge.setHostContext({theme: 'dark', styles: {variables: {
      '--color-background-primary': 'rgb(20, 20, 20)'}}}));
    await eventually('dark', async () => await ink() > 180);
    assert.equal(await ground(), 'rgb(20, 20, 20)');
  });

  test('more of the result comes through the host', async t => {
    const {frame, page, show} = await embed(t);
    await show('doc_search', {query: 'surveyor cairns station', whole: false, limit: 6});
    await frame.getByRole('button', {name: 'Show all 6'}).click();
    assert.equal(await frame.locator('.card').count(), 6);
    await frame.getByRole('button', {name: 'More', exact: true}).click();
    await eventually('twelve', async () => await frame.locator('.card').count() === 12);
    await frame.getByRole('button', {name: 'Read around it'}).first().click();
    await frame.locator('.around').first().waitFor();
    const calls = await page.evaluate(() => window.seen.calls.map(call => call.name));
    assert.deepEqual(calls, ['doc_search', 'read_chunks']);
  });

  test('a source on the web is opened by the host, and only such', async t => {
    const {frame, page} = await embed(t);
    const chunk = (address, title) => ({
      chunk_id: `${title}:0`, document: title, uri: address, title, headings: [], text: 'A text.', score: 1, tokens: 3,
      location: {of: 'file', line_start: 1, line_end: 1, byte_start: 0, byte_end: 7}});
    const structuredContent = {
      chunks: [chunk('https://example.org/a', 'web'), chunk('javascript:alert(1)', 'script'), chunk('file:///etc/x', 'file')],
      total_tokens: 9, matches: 3, mode: 'ranked', index: {documents: 3, chunks: 3, revision: '1'}};
    await page.evaluate(result => window.bridge.sendToolResult(result),
                        {content: [{type: 'text', text: ''}], structuredContent});
    await frame.locator('.card').first().waitFor();
    assert.equal(await frame.getByRole('button', {name: 'Open the source'}).count(), 1);
    await frame.getByRole('button', {name: 'Open the source'}).click();
    await eventually('the link', () => page.evaluate(() => window.seen.links.length > 0));
    assert.deepEqual(await page.evaluate(() => window.seen.links), ['https://example.org/a']);
  });

  test('a failure is told, and texts are never markup', async t => {
    const {frame, page, show} = await embed(t);
    await show('doc_search', {query: 'fog', documents: ['no/such/']});
    assert.match(await frame.locator('.problem').textContent(), /no\/such/);
    await page.evaluate(() => window.bridge.sendToolResult(
        {isError: true, content: [{type: 'text', text: '<img src=x onerror="document.title=1">'}]}));
    await frame.getByText('<img src=x').waitFor();
    assert.equal(await frame.locator('img').count(), 0);
  });

  test('it tells the host its size', async t => {
    const {frame, page, show} = await embed(t);
    await show('doc_search', {query: 'horn', whole: false});
    await frame.locator('.card').first().waitFor();
    const height = await frame.evaluate(() => Math.ceil(document.body.getBoundingClientRect().height));
    await eventually('the size', async () => (await page.evaluate(() => window.seen.sizes.at(-1)?.height)) === height);
  });
});
