#include "tools/read_chunks.h"

#include <utility>

#include "tools/read_chunks_call.h"

namespace callslip {

Result<ReadChunksResult> ReadChunks::run(ReadChunksRequest request,
                                         const CallContext& context) const {
  return ReadChunksCall(library_, reader_, options_, context).run(std::move(request));
}

Result<ReadChunksResult> ReadChunks::submit(const SubmitReadingsRequest& request,
                                            const CallContext& context) const {
  return ReadChunksCall(library_, reader_, options_, context).submit(request);
}

}  // namespace callslip
