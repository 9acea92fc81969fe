// callslip connect: what it prints and writes for every front end, read by parsers that are not ours
// (VS Code's own for JSON with comments, `yaml` for YAML), in homes as people have them.

import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {
  chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync,
  statSync, symlinkSync, writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after, describe, test} from 'node:test';

import {parse as parseJsonc} from 'jsonc-parser';
import {parse as parseYaml} from 'yaml';

const binary = process.env.CALLSLIP_BIN;
const scratch = mkdtempSync(path.join(tmpdir(), 'callslip-connect-'));
after(() => rmSync(scratch, {recursive: true, force: true}));
const papers = path.join(scratch, 'my "papers"');
mkdirSync(papers);

let homes = 0;
/** A home and a project folder. */
function person() {
  const home = path.join(scratch, `home${++homes}`);
  const project = path.join(home, 'project');
  mkdirSync(project, {recursive: true});
  return {home, project};
}

function connect(who, args, environment = {}) {
  return spawnSync(binary, ['connect', ...args], {
    cwd: who.project,
    env: {PATH: process.env.PATH, HOME: who.home, ...environment},
    encoding: 'utf8',
  });
}

function jsonc(text) {
  const errors = [];
  const value = parseJsonc(text, errors, {allowTrailingComma: true, disallowComments: false});
  assert.deepEqual(errors, [], text);
  return value;
}
const parsers = {json: JSON.parse, jsonc, yaml: text => parseYaml(text, {strict: true, uniqueKeys: true})};

const stdio = {command: binary, args: ['serve', '--stdio', papers]};
const http = 'http://127.0.0.1:8137/mcp';
const bearer = reference => ({Authorization: `Bearer ${reference}`});

// Where each front end reads (from home), what must stand there, and with a token.
const front_ends = {
  'claude-code': {format: 'json', file: 'project/.mcp.json', at: c => c.mcpServers.callslip,
    entry: {type: 'stdio', ...stdio}, user: '.claude.json'},
  'claude-code-http': {format: 'json', file: 'project/.mcp.json', at: c => c.mcpServers.callslip,
    entry: {type: 'http', url: http}, token: {headers: bearer('${CALLSLIP_TOKEN}')}, user: '.claude.json'},
  'claude-code-ws': {format: 'json', file: 'project/.mcp.json', at: c => c.mcpServers.callslip,
    entry: {type: 'ws', url: 'ws://127.0.0.1:8137/mcp'}, token: {headers: bearer('${CALLSLIP_TOKEN}')},
    user: '.claude.json'},
  'claude-desktop': {format: 'json', file: '.config/Claude/claude_desktop_config.json',
    at: c => c.mcpServers.callslip, entry: stdio},
  vscode: {format: 'jsonc', file: 'project/.vscode/mcp.json', at: c => c.servers.callslip,
    entry: {type: 'stdio', ...stdio}, user: '.config/Code/User/mcp.json'},
  'vscode-http': {format: 'jsonc', file: 'project/.vscode/mcp.json', at: c => c.servers.callslip,
    entry: {type: 'http', url: http}, token: {headers: bearer('${input:callslip-token}')},
    user: '.config/Code/User/mcp.json'},
  cursor: {format: 'jsonc', file: 'project/.cursor/mcp.json', at: c => c.mcpServers.callslip,
    entry: {type: 'stdio', ...stdio}, user: '.cursor/mcp.json'},
  'cursor-http': {format: 'jsonc', file: 'project/.cursor/mcp.json', at: c => c.mcpServers.callslip,
    entry: {url: http}, token: {headers: bearer('${env:CALLSLIP_TOKEN}')}, user: '.cursor/mcp.json'},
  'lm-studio': {format: 'json', file: '.lmstudio/mcp.json', at: c => c.mcpServers.callslip, entry: stdio},
  'lm-studio-http': {format: 'json', file: '.lmstudio/mcp.json', at: c => c.mcpServers.callslip,
    entry: {url: http}, token: {headers: bearer('s3cret')}, secret: true},
  zed: {format: 'jsonc', file: '.config/zed/settings.json', at: c => c.context_servers.callslip, entry: stdio},
  'zed-http': {format: 'jsonc', file: '.config/zed/settings.json', at: c => c.context_servers.callslip,
    entry: {url: http}, token: {headers: bearer('s3cret')}, secret: true},
  continue: {format: 'yaml', file: '.continue/config.yaml',
    at: c => c.mcpServers.find(s => s.name === 'callslip'),
    entry: {name: 'callslip', type: 'stdio', ...stdio}, list: true},
  'continue-http': {format: 'yaml', file: '.continue/config.yaml',
    at: c => c.mcpServers.find(s => s.name === 'callslip'),
    entry: {name: 'callslip', type: 'streamable-http', url: http}, list: true,
    token: {requestOptions: {headers: bearer('${{ secrets.CALLSLIP_TOKEN }}')}}},
  librechat: {format: 'yaml', file: 'project/librechat.yaml', at: c => c.mcpServers.callslip,
    entry: {type: 'websocket', url: 'ws://127.0.0.1:8137/mcp', timeout: 60000},
    token: {headers: bearer('${CALLSLIP_TOKEN}')}},
  'librechat-http': {format: 'yaml', file: 'project/librechat.yaml', at: c => c.mcpServers.callslip,
    entry: {type: 'streamable-http', url: http, timeout: 60000},
    token: {headers: bearer('${CALLSLIP_TOKEN}')}},
  'cherry-studio': {format: 'json', at: c => c.mcpServers.callslip,
    entry: {name: 'callslip', type: 'stdio', ...stdio}},
  'cherry-studio-http': {format: 'json', at: c => c.mcpServers.callslip,
    entry: {name: 'callslip', type: 'streamableHttp', baseUrl: http}, token: {headers: bearer('s3cret')}},
  'qwen-agent': {format: 'json', at: c => c[0].mcpServers.callslip, entry: stdio},
  'qwen-agent-http': {format: 'json', at: c => c[0].mcpServers.callslip,
    entry: {type: 'streamable-http', url: http}, token: {headers: bearer('s3cret')}},
  http: {format: 'json', at: c => c.mcpServers.callslip, entry: {type: 'http', url: http},
    token: {headers: bearer('s3cret')}},
  'open-webui': {text: /URL: {2}http:\/\/127\.0\.0\.1:8137\n/},
  chatgpt: {text: /MCP Server URL: http:\/\/127\.0\.0\.1:8137\/mcp\n/},
  sse: {text: /^http:\/\/127\.0\.0\.1:8137\/mcp\n$/},
};

// What people had there before, which must stay.
const before = {
  json: section => `{\n\t"theme": "dark",\n\t"${section}": {\n\t\t"other": {"command": "x"}\n\t}\n}\n`,
  jsonc: section => `// mine
{
    "theme": "dark", // always
    "${section}": {
        /* works */
        "other": {"command": "x"}, // do not touch
    },
    "last": [1, 2,],
}
`,
  yaml: (section, list) => `# mine
name: My models
version: 1.1.1
${section}:
  # works
  ${list ? '- name: other' : 'other:'}
    command: x   # do not touch
other: &anchor
  - "quoted": 'single'   # odd
same: *anchor
`,
};

test('every front end that is known is tested here', () => {
  const known = connect(person(), []).stdout.replace('Front ends:', '').trim().split(' ');
  assert.deepEqual(known.sort(), Object.keys(front_ends).sort());
});

for (const [name, is] of Object.entries(front_ends)) {
  describe(name, () => {
    test('prints', () => {
      const printed = connect(person(), [name, '--path', papers]);
      assert.equal(printed.status, 0, printed.stderr);
      if (is.text) return assert.match(printed.stdout, is.text);
      assert.deepEqual(is.at(parsers[is.format](printed.stdout)), is.entry);
    });
    if (is.token) {
      test('with a token', () => {
        const printed = connect(person(), [name, '--with-token'], {CALLSLIP_TOKEN: 's3cret'});
        assert.equal(printed.status, 0, printed.stderr);
        assert.deepEqual(is.at(parsers[is.format](printed.stdout)), {...is.entry, ...is.token});
        const without = connect(person(), [name, '--with-token']);
        const needs = JSON.stringify(is.token).includes('s3cret');
        assert.equal(without.status, needs ? 1 : 0);
        if (needs) assert.match(without.stderr, /CALLSLIP_TOKEN/);
      });
    }
    if (!is.file) {
      test('has no file, and says what to do instead', () => {
        const who = person();
        const written = connect(who, [name, '--path', papers, '--write']);
        assert.equal(written.status, 1);
        assert.match(written.stderr, /has no file that could be written/);
        assert.ok(written.stdout.length > 10);
        assert.deepEqual(readdirSync(who.home), ['project']);
      });
      return;
    }
    test('writes a new file, and nothing the second time', () => {
      const who = person();
      const file = path.join(who.home, is.file);
      const first = connect(who, [name, '--path', papers, '--write']);
      assert.equal(first.status, 0, first.stderr);
      assert.match(first.stdout, /^wrote /);
      const text = readFileSync(file, 'utf8');
      assert.deepEqual(is.at(parsers[is.format](text)), is.entry);
      const second = connect(who, [name, '--path', papers, '--write']);
      assert.match(second.stdout, /nothing changed/);
      assert.equal(readFileSync(file, 'utf8'), text);
      assert.deepEqual(readdirSync(path.dirname(file)).filter(f => f.includes('bak')), []);
    });
    test('merges into a file, keeps the rest and a copy', () => {
      const who = person();
      const file = path.join(who.home, is.file);
      const section = {vscode: 'servers', zed: 'context_servers'}[name.split('-')[0]] ?? 'mcpServers';
      const old = before[is.format](section, is.list);
      mkdirSync(path.dirname(file), {recursive: true});
      writeFileSync(file, old);
      chmodSync(file, 0o640);
      const merged = connect(who, [name, '--path', papers, '--write']);
      assert.equal(merged.status, 0, merged.stderr);
      const text = readFileSync(file, 'utf8');
      const config = parsers[is.format](text);
      assert.deepEqual(is.at(config), is.entry);
      assert.equal(statSync(file).mode & 0o777, 0o640);
      assert.equal(readFileSync(`${file}.bak`, 'utf8'), old);
      assert.equal(statSync(`${file}.bak`).mode & 0o777, 0o640);
      // Without our entry it says what it said; and every line that was there is there, in order.
      if (is.list) config.mcpServers = config.mcpServers.filter(s => s.name !== 'callslip');
      else delete config[section].callslip;
      assert.deepEqual(config, parsers[is.format](old));
      let at = 0;
      for (const line of old.split('\n')) {
        const kept = line.endsWith('}') && is.format === 'json' ? line.replace(/}$/, '') : line;
        const found = text.indexOf(kept, at);
        assert.ok(found >= at, `"${line}" is gone from\n${text}`);
        at = found;
      }
      assert.match(connect(who, [name, '--path', papers, '--write']).stdout, /nothing changed/);
      // Another folder: the entry is updated, and the first copy is not overwritten.
      if (!JSON.stringify(is.entry).includes('--stdio')) return;
      assert.equal(connect(who, [name, '--path', scratch, '--write']).status, 0);
      assert.deepEqual(is.at(parsers[is.format](readFileSync(file, 'utf8'))).args,
                       ['serve', '--stdio', scratch]);
      assert.equal(readFileSync(`${file}.bak`, 'utf8'), old);
      assert.equal(readFileSync(`${file}.bak2`, 'utf8'), text);
    });
    test('refuses a broken file with the line, and leaves it', () => {
      const who = person();
      const file = path.join(who.home, is.file);
      mkdirSync(path.dirname(file), {recursive: true});
      const broken = is.format === 'yaml' ? 'a: 1\nb: [1,\nc: 2\n' : '{\n  "a": 1\n  "b": 2\n}\n';
      writeFileSync(file, broken);
      const refused = connect(who, [name, '--write']);
      assert.equal(refused.status, 1);
      assert.match(refused.stderr, is.format === 'yaml' ? /left as it is: line \d/ : /left as it is: line 3, column 3/);
      assert.ok(refused.stderr.includes(file));
      assert.equal(readFileSync(file, 'utf8'), broken);
      assert.deepEqual(readdirSync(path.dirname(file)).filter(f => f.includes('bak')), []);
    });
    if (is.user) {
      test('writes the file of the home with --scope user', () => {
        const who = person();
        assert.equal(connect(who, [name, '--write', '--scope', 'user']).status, 0);
        assert.ok(existsSync(path.join(who.home, is.user)));
        assert.deepEqual(readdirSync(who.project), []);
      });
    }
    if (is.secret) {
      test('a new file that holds a token is for its owner only', () => {
        const who = person();
        assert.equal(connect(who, [name, '--write', '--with-token'], {CALLSLIP_TOKEN: 's3cret'}).status, 0);
        assert.equal(statSync(path.join(who.home, is.file)).mode & 0o777, 0o600);
      });
    }
  });
}

test('a token asked for by VS Code is one of its inputs, once', () => {
  const who = person();
  const file = path.join(who.project, '.vscode/mcp.json');
  mkdirSync(path.dirname(file));
  writeFileSync(file, '{\n  "inputs": [{"id": "mine", "type": "promptString"}],\n  "servers": {}\n}\n');
  for (let i = 0; i < 2; ++i) {
    assert.equal(connect(who, ['vscode-http', '--with-token', '--write']).status, 0);
    const {inputs} = jsonc(readFileSync(file, 'utf8'));
    assert.deepEqual(inputs.map(input => input.id), ['mine', 'callslip-token']);
    assert.equal(inputs[1].password, true);
  }
});

test('--url chooses the variant that attaches to a running server', () => {
  const who = person();
  const https = connect(who, ['vscode', '--url', 'https://box.lan:8137']);
  assert.deepEqual(jsonc(https.stdout).servers.callslip, {type: 'http', url: 'https://box.lan:8137/mcp'});
  const wss = connect(who, ['claude-code', '--url', 'wss://box.lan/callslip/mcp']);
  assert.deepEqual(JSON.parse(wss.stdout).mcpServers.callslip, {type: 'ws', url: 'wss://box.lan/callslip/mcp'});
  for (const bad of ['box.lan:8137', 'ftp://box', 'http://', 'http://a"b', 'http://u:p@box']) {
    assert.equal(connect(who, ['vscode', '--url', bad]).status, 2, bad);
  }
});

test('an entry that changes its transport loses what belonged to the old one only', () => {
  const who = person();
  const file = path.join(who.project, '.mcp.json');
  connect(who, ['claude-code', '--write', '--path', papers]);
  const config = JSON.parse(readFileSync(file, 'utf8'));
  config.mcpServers.callslip.env = {A: '1'};
  writeFileSync(file, JSON.stringify(config, null, 2));
  assert.equal(connect(who, ['claude-code-http', '--write']).status, 0);
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')).mcpServers.callslip,
                   {type: 'http', url: http, env: {A: '1'}});
});

test('links stay links; one that leads nowhere, a folder and a file of others are refused', () => {
  const who = person();
  const real = path.join(who.home, 'dotfiles-mcp.json');
  const link = path.join(who.project, '.mcp.json');
  writeFileSync(real, '{}\n');
  symlinkSync(real, link);
  assert.equal(connect(who, ['claude-code', '--write']).status, 0);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.ok(JSON.parse(readFileSync(real, 'utf8')).mcpServers.callslip);

  const lost = person();
  symlinkSync(path.join(lost.home, 'nowhere'), path.join(lost.project, '.mcp.json'));
  const refused = connect(lost, ['claude-code', '--write']);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /is a link to a file that is not there/);

  const folder = person();
  mkdirSync(path.join(folder.project, '.mcp.json'));
  assert.equal(connect(folder, ['claude-code', '--write']).status, 1);
});

test('--file names another file; a scope that a front end lacks is an error', () => {
  const who = person();
  assert.equal(connect(who, ['librechat', '--write', '--file', 'sub/my.yaml']).status, 0);
  assert.ok(parseYaml(readFileSync(path.join(who.project, 'sub/my.yaml'), 'utf8')).mcpServers.callslip);
  const wrong = connect(who, ['claude-desktop', '--write', '--scope', 'project']);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /no file of scope "project"; it has one of "user"/);
  assert.equal(connect(who, ['claude-desktop', '--write', '--scope', 'galaxy']).status, 2);
  assert.equal(connect({...who, home: ''}, ['claude-desktop', '--write']).status, 1);
});

test('XDG_CONFIG_HOME is obeyed', () => {
  const who = person();
  const config = path.join(who.home, 'elsewhere');
  assert.equal(connect(who, ['zed', '--write'], {XDG_CONFIG_HOME: config}).status, 0);
  assert.ok(existsSync(path.join(config, 'zed/settings.json')));
});

test('what is written for Claude Code starts a server that answers', () => {
  const who = person();
  writeFileSync(path.join(papers, 'a.md'), 'A heron stands in the reeds.\n');
  assert.equal(connect(who, ['claude-code', '--path', papers, '--write']).status, 0);
  const {command, args} = JSON.parse(readFileSync(path.join(who.project, '.mcp.json'), 'utf8')).mcpServers.callslip;
  const call = {jsonrpc: '2.0', id: 1, method: 'tools/call',
    params: {name: 'doc_search', arguments: {query: 'heron'}}};
  const out = execFileSync(command, args, {input: JSON.stringify(call) + '\n', encoding: 'utf8',
    cwd: who.project, env: {HOME: who.home}, stdio: ['pipe', 'pipe', 'ignore']});
  assert.match(JSON.parse(out).result.content[0].text, /stands in the reeds/);
});
