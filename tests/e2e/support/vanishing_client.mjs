// Calls a tool over a WebSocket and never reads the answer: whoever started it kills it.
// node vanishing_client.mjs URL TOOL ARGUMENTS

const [url, name, args] = process.argv.slice(2);
const socket = new WebSocket(url, 'mcp');
socket.addEventListener('open', () => {
  const params = {name, arguments: JSON.parse(args)};
  socket.send(JSON.stringify({jsonrpc: '2.0', id: 1, method: 'tools/call', params}));
});
setInterval(() => {}, 1000);
