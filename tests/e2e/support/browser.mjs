// Debian's Chromium, and a page in it that takes note of everything that should not happen: errors
// in the console, violations of the content policy, requests to anybody but the server.

import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';

import {chromium} from 'playwright-core';

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const browserPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** For people to look at; in the build directory. */
const screenshots = process.env.CALLSLIP_SCREENSHOTS ?? path.resolve('screenshots');

export const desktop = {viewport: {width: 1360, height: 860}};
export const phone = {viewport: {width: 360, height: 740}, deviceScaleFactor: 2, isMobile: true, hasTouch: true};

export function launchBrowser() {
  const executablePath = browserPaths.find(existsSync);
  assert.ok(executablePath, 'Chromium is not installed: apt-get install chromium');
  // The tests run as root in containers, where its sandbox does not start.
  return chromium.launch({executablePath, args: ['--no-sandbox']});
}

export class Visit {
  /** `origins`: the servers that the page may talk to. */
  static async begin(browser, options, ...origins) {
    const visit = new Visit();
    visit.context = await browser.newContext({reducedMotion: 'reduce', ...options});
    visit.page = await visit.context.newPage();
    visit.page.setDefaultTimeout(30_000);
    visit.errors = [];
    visit.outside = [];
    visit.expected = [];  // patterns of what a test causes by itself
    const hosts = new Set(origins.map(origin => new URL(origin).host));
    const note = url => {
      if (!/^(data|blob|about):/.test(url) && !hosts.has(new URL(url).host)) visit.outside.push(url);
    };
    visit.page.on('console', message => {
      if (['error', 'warning'].includes(message.type())) visit.errors.push(message.text());
    });
    visit.page.on('pageerror', error => visit.errors.push(error.stack));
    visit.page.on('request', request => note(request.url()));
    visit.page.on('websocket', socket => note(socket.url()));
    await visit.context.addInitScript(() => {
      window.violations = [];
      document.addEventListener('securitypolicyviolation', ({violatedDirective, blockedURI}) =>
        window.violations.push(`${violatedDirective} ${blockedURI}`));
    });
    return visit;
  }

  /** Nothing went wrong that nobody expected. */
  async end() {
    const all = await this.page.evaluate(() => window.violations).catch(() => []);
    await this.context.close();
    const unexpected = text => !this.expected.some(pattern => pattern.test(text));
    const violations = all.filter(unexpected);
    const errors = this.errors.filter(unexpected);
    assert.deepEqual({errors, outside: this.outside, violations}, {errors: [], outside: [], violations: []});
  }

  /** Nothing is wider than the window. */
  async fitsAcross() {
    const {wide, over} = await this.page.evaluate(() => ({
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      over: [...document.querySelectorAll('body *')]
          .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('pre, .unseen, svg'))
          .map(one => one.outerHTML.slice(0, 120)),
    }));
    assert.deepEqual({wide, over}, {wide: 0, over: []});
  }

  /** axe-core finds nothing that is serious. */
  async isAccessible(frame = this.page) {
    // The policy lets no foreign script in: it goes around it, as the tools of a browser do.
    const found = await frame.evaluate(async source => {
      (0, eval)(source);
      return (await window.axe.run(document, {resultTypes: ['violations']})).violations;
    }, axeSource).catch(async error => {
      if (!/unsafe-eval|EvalError/.test(error.message)) throw error;
      return this.runAxe();
    });
    const serious = found.filter(one => ['serious', 'critical'].includes(one.impact))
        .map(one => `${one.id}: ${one.nodes.map(node => `${node.html} ${node.failureSummary}`).join('; ')}`);
    assert.deepEqual(serious, []);
  }

  async runAxe() {
    const session = await this.context.newCDPSession(this.page);
    const run = async (expression, awaitPromise = false) => {
      const {result, exceptionDetails} =
          await session.send('Runtime.evaluate', {expression, awaitPromise, returnByValue: true});
      assert.ok(!exceptionDetails, exceptionDetails?.exception?.description);
      return result.value;
    };
    await run(axeSource);
    const found = await run('axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations)', true);
    await session.detach();
    return found;
  }

  async shot(name, options = {}) {
    mkdirSync(screenshots, {recursive: true});
    await this.page.screenshot({path: path.join(screenshots, `${name}.png`), ...options});
  }
}
