// Runs the callslip binary ($CALLSLIP_BIN) in a home of its own, which is removed after the test.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';

import {documents} from './documents.mjs';

export const binary = process.env.CALLSLIP_BIN;
if (!binary) throw new Error('CALLSLIP_BIN must name the callslip binary');

const startSeconds = 60;  // sanitizers are slow

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

/** Asks `check` until it returns something, and returns that. No test asserts on how long it took. */
export async function eventually(what, check, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) assert.fail(`not within ${seconds} s: ${what}`);
    await sleep(20);
  }
}

export function writeFiles(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), {recursive: true});
    writeFileSync(file, text);
  }
}

// When the runner's time is over it sends SIGTERM; nothing that was started here may outlive that.
const started = new Set();
process.on('SIGTERM', () => process.exit(1));
process.on('exit', () => started.forEach(child => child.kill('SIGKILL')));

/** Has the child end with this process, if it has not ended before. */
export function endWithUs(child) {
  started.add(child);
  child.on('exit', () => started.delete(child));
  return child;
}

/** A process under test: what it wrote so far, and how it ended. */
class Process {
  constructor(args, options) {
    this.stdout = '';
    this.stderr = '';
    this.child = endWithUs(spawn(binary, args, {...options, stdio: ['pipe', 'pipe', 'pipe']}));
    this.child.stdout.setEncoding('utf8').on('data', text => { this.stdout += text; });
    this.child.stderr.setEncoding('utf8').on('data', text => { this.stderr += text; });
    this.child.stdin.on('error', () => {});  // it may end before it has read all
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        this.outcome = {code, signal, stdout: this.stdout, stderr: this.stderr};
        resolve(this.outcome);
      });
    });
  }
}

/** A `callslip serve` on a port of its own. */
class Server extends Process {
  async listening() {
    const line = /^listening on http:\/\/(\S+)$/m;
    await eventually('"listening on" of the server', () => {
      assert.equal(this.outcome, undefined, `the server ended early: ${this.stderr}`);
      return line.test(this.stderr);
    }, startSeconds);
    this.authority = line.exec(this.stderr)[1];
    this.url = new URL(`ws://${this.authority}/mcp`);
    this.httpUrl = new URL(`http://${this.authority}/mcp`);
    return this;
  }

  /** As an operator ends it. It must answer with exit code 0 and must not have used stdout. */
  async stop() {
    if (!this.outcome) this.child.kill('SIGTERM');
    const {code, signal, stdout, stderr} = await this.ended;
    assert.deepEqual({code, signal, stdout}, {code: 0, signal: null, stdout: ''}, stderr);
  }
}

/** A folder with a home, an index and documents, for the time of one test or suite; close() it. */
export class Workshop {
  constructor(files = documents) {
    this.root = realpathSync(mkdtempSync(path.join(tmpdir(), 'callslip-e2e-')));
    this.library = path.join(this.root, 'library');
    this.index = path.join(this.root, 'index');
    this.running = [];
    this.atClose = [];  // what else is to be ended
    mkdirSync(path.join(this.root, 'home'));
    writeFiles(this.library, files);
  }

  /** Stops what runs, and checks that servers end cleanly. */
  async close() {
    try {
      for (const one of this.running) {
        if (one instanceof Server) await one.stop();
      }
    } finally {
      for (const {child} of this.running) child.kill('SIGKILL');
      for (const end of this.atClose) end();
      rmSync(this.root, {recursive: true, force: true});
    }
  }

  /** Only what the binary needs: no setting of the person who runs the tests reaches it. */
  get environment() {
    const home = path.join(this.root, 'home');
    const own = {HOME: home, XDG_DATA_HOME: path.join(home, 'data'), LC_ALL: 'C.UTF-8'};
    for (const name of ['PATH', 'ASAN_OPTIONS', 'LSAN_OPTIONS', 'TSAN_OPTIONS', 'UBSAN_OPTIONS']) {
      if (process.env[name]) own[name] = process.env[name];
    }
    return own;
  }

  get options() { return {cwd: this.root, env: this.environment}; }

  write(files) { writeFiles(this.library, files); }

  start(args) {
    const begun = new Process(args, this.options);
    this.running.push(begun);
    return begun;
  }

  /** Runs a command to its end. */
  async run(...args) {
    const command = this.start(args);
    command.child.stdin.end();
    return command.ended;
  }

  /** Like run(); the command must succeed. */
  async must(...args) {
    const outcome = await this.run(...args);
    assert.equal(outcome.code, 0, `callslip ${args.join(' ')}: ${outcome.stderr}`);
    return outcome;
  }

  /** Serves on a port of its own, or where --listen says; stopped, and checked for a clean end,
   * after the test. */
  async serve(...args) {
    const where = args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
    const server = new Server(['serve', ...where, ...args], this.options);
    this.running.push(server);
    return server.listening();
  }

  /** Serves the library, all of it indexed before. */
  async serveIndexed(...args) {
    await this.must('index', '--index', this.index, this.library);
    return this.serve('--index', this.index, ...args);
  }
}
