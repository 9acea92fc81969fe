// DocumentText: the part of a document that has been fetched, as pieces that tile it, and more of
// it on either side. A piece is a chunk, or a part of one that was too large for one answer.

const neighbours = 6;
const tokens = 10000;

export class DocumentText {
  constructor(connection, signal) {
    this.connection = connection;
    this.signal = signal;
    this.pieces = [];  // in the order of the text
    this.ended = false;
  }

  get name() { return this.pieces[0]?.document ?? ''; }
  get title() { return this.pieces[0]?.title ?? ''; }
  get atStart() { return this.pieces.length > 0 && this.pieces[0].location.byte_start === 0; }
  get atEnd() { return this.ended; }

  /** The chunk and its neighbours. */
  async open(chunkId) {
    await this.fetch({chunk_ids: [chunkId], before: neighbours, after: neighbours});
    const at = this.ids().indexOf(chunkId);
    this.ended = this.ids().length - 1 - at < neighbours;
  }

  /** Whether something came. */
  async before() {
    if (this.atStart) return false;
    const first = this.pieces[0];
    await this.fetch({chunk_ids: [first.chunk_id], before: neighbours});
    return this.pieces[0] !== first;
  }

  async after() {
    if (this.ended) return false;
    const known = this.ids().length;
    await this.fetch({chunk_ids: [this.pieces.at(-1).chunk_id], after: neighbours});
    const came = this.ids().length - known;
    this.ended = came < neighbours;
    return came > 0;
  }

  ids() { return [...new Set(this.pieces.map(piece => piece.chunk_id))]; }

  async fetch(args) {
    let cursor;
    do {
      const given = cursor ? {cursor} : args;
      const answer = await this.connection.callTool('read_chunks', {...given, max_tokens: tokens},
                                                    {signal: this.signal});
      for (const piece of answer.chunks) this.add(piece);
      cursor = answer.chunks.length > 0 ? answer.next_cursor : undefined;
    } while (cursor);
  }

  add(piece) {
    const start = piece.location.byte_start;
    const at = this.pieces.findIndex(other => other.location.byte_start >= start);
    if (at < 0) {
      this.pieces.push(piece);
    } else if (this.pieces[at].location.byte_start !== start) {
      this.pieces.splice(at, 0, piece);
    }
  }
}

/** The first chunk of a document, by its name. Its name is searched with each of its chunks. */
export async function firstChunkOf(connection, name, signal) {
  const args = {query: name, documents: [name], detail: 'ids'};
  const answers = [{...args, limit: 200, whole: false}, args];
  for (const one of answers) {
    const {chunks} = await connection.callTool('doc_search', one, {signal});
    const own = chunks.filter(chunk => chunk.document === name);
    own.sort((a, b) => a.location.byte_start - b.location.byte_start);
    if (own[0]?.location.byte_start === 0) return own[0].chunk_id;
    // Ids count from 0 within a document.
    if (own.length > 0) return own[0].chunk_id.replace(/:\d+$/, ':0');
  }
  throw new Error(`${name} has no text.`);
}
