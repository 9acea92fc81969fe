// The page of a server that asks for a token: signing in, staying so, signing out; and nothing
// before that.

import assert from 'node:assert/strict';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {desktop, launchBrowser, phone, Visit} from './support/browser.mjs';
import {Workshop} from './support/callslip.mjs';

describe('with tokens', () => {
  let workshop, server, browser, token;

  before(async () => {
    workshop = new Workshop();
    const tokens = path.join(workshop.root, 'tokens');
    token = (await workshop.must('token', '--token-file', tokens, '--name', 'alice')).stdout.trim();
    [server, browser] = await Promise.all([workshop.serveIndexed('--token-file', tokens), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await workshop.close();
  });

  const home = () => `http://${server.authority}/`;

  async function visit(t, options = desktop, fragment = '') {
    const visited = await Visit.begin(browser, options, home());
    visited.expected.push(/WebSocket connection|status of 401/);
    t.after(() => visited.end());
    await visited.page.goto(home() + fragment);
    return visited;
  }

  async function signIn(page, given = token) {
    await page.getByLabel('Token').fill(given);
    await page.getByRole('button', {name: 'Enter'}).click();
  }

  test('what names anything of the user is not open', async () => {
    for (const name of ['snippets.json', 'mcp']) {
      const answer = await fetch(home() + name);
      assert.equal(answer.status, 401, name);
      assert.doesNotMatch(await answer.text(), /callslip-e2e/);
    }
  });

  test('the page asks for the token, and shows what was asked for when it has it', async t => {
    const visited = await visit(t, phone, '#q=copper%20tanks');
    const {page} = visited;
    await page.getByText('This library asks for a token').waitFor();
    assert.equal(await page.locator('form[role=search]').isVisible(), false);
    await visited.fitsAcross();
    await visited.isAccessible();
    await visited.shot('login-phone');
    await signIn(page);
    await page.locator('.card', {hasText: 'copper'}).waitFor();
    assert.equal(await page.getByLabel('Token').isVisible(), false);
  });

  test('a wrong token is refused in words', async t => {
    const {page} = await visit(t);
    await signIn(page, 'callslip_nothing');
    await page.getByText('The server does not know this token.').waitFor();
    assert.ok(await page.getByLabel('Token').isVisible());
  });

  test('the browser stays signed in, by a cookie that scripts cannot read', async t => {
    const {page, context} = await visit(t);
    await signIn(page);
    await page.locator('.status[data-state=open]').waitFor();
    const cookies = await context.cookies();
    assert.equal(cookies.length, 1);
    assert.equal(cookies[0].httpOnly, true);
    assert.equal(cookies[0].sameSite, 'Strict');
    assert.ok(!cookies[0].value.includes(token));
    assert.equal(await page.evaluate(() => document.cookie + JSON.stringify({...localStorage, ...sessionStorage})), '{}');
    await page.reload();
    await page.locator('.status[data-state=open]').waitFor();
    await page.getByRole('link', {name: 'Attach', exact: true}).click();
    await page.locator('.snippet').first().waitFor();
  });

  test('who signs out is asked again', async t => {
    const {page} = await visit(t);
    await signIn(page);
    await page.locator('.status[data-state=open]').waitFor();
    await page.locator('.status summary').click();
    await page.getByText('alice').waitFor();
    await page.getByRole('button', {name: 'Sign out'}).click();
    await page.getByText('This library asks for a token').waitFor();
    await page.reload();
    await page.getByText('This library asks for a token').waitFor();
  });
});
