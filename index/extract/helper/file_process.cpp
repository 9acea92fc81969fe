#include "index/extract/helper/file_process.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "index/extract/helper/frame_writer.h"
#include "index/extract/helper/hostile_parser.h"
#include "index/extract/helper/sandbox.h"
#include "index/extract/helper/step_counter.h"

namespace callslip {
namespace {

/// Libraries of C abort when memory is short. Where a little cannot be had, that was the reason.
void on_abort(int number) {
  constexpr std::size_t kLittle = 48U << 20;
  void* some = ::mmap(nullptr, kLittle, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (some == MAP_FAILED) ::_exit(helper_memory_exit);
  ::signal(number, SIG_DFL);
  ::raise(number);
}

Result<std::string> read_input(const FileDescriptor& input) {
  const auto size = input.size();
  if (!size) return size.error();
  std::string bytes(*size, '\0');
  if (Status s = input.read_at(0, bytes.data(), bytes.size()); !s) return s.error();
  return bytes;
}

Status parse(ExtractRequest request, const FrameWriter& writer) {
  const std::string_view head = std::string_view(request.bytes).substr(0, 4096);
  const Parser* hostile = hostile_parser_for(head);
  const Parser& parser = hostile != nullptr ? *hostile : parser_for(request.name, head);
  return parser.parse(request.name, std::move(request.bytes), request.options,
                      [&](const ParsedDocument& document) {
                        writer.write(FrameType::document, encode_document(document));
                        return Status();
                      });
}

/// A parser's exceptions are about the file.
Status guarded_parse(ExtractRequest request, const FrameWriter& writer) {
  try {
    return parse(std::move(request), writer);
  } catch (const std::bad_alloc&) {
    ::_exit(helper_memory_exit);
  } catch (const std::length_error&) {
    ::_exit(helper_memory_exit);
  } catch (const std::exception& e) {
    return Error{ErrorKind::unsupported, std::string("damaged: ") + e.what()};
  }
}

}  // namespace

void parse_and_exit(const HelperJob& job) {
  const FrameWriter writer(job.output.get());
  auto bytes = read_input(job.input);
  auto request = bytes ? decode_request(*bytes) : std::nullopt;
  if (!request) ::_exit(1);
  *bytes = std::string();
  ::signal(SIGABRT, &on_abort);
  StepCounter::instance().begin(writer, job.task.first_step);
  const SandboxReport report = enter_sandbox(request->limits, request->options.ocr);
  writer.write(FrameType::sandbox, encode_sandbox(report));
  writer.write(FrameType::done, encode_status(guarded_parse(std::move(*request), writer)));
  ::_exit(0);  // nothing is flushed, freed or run at exit
}

}  // namespace callslip
