#include "index/extract/helper/hostile_parser.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <vector>

#include "index/extract/extract_message.h"

namespace callslip {
namespace {

constexpr std::string_view kMark = "%PDF-hostile ";
constexpr std::size_t kMegabyte = 1U << 20;

ParsedDocument plain(std::string text) {
  ParsedDocument document;
  document.type = "text";
  document.text = std::move(text);
  return document;
}

/// "socket: allowed\n", or what the system said.
std::string outcome(const char* what, long result) {
  return std::string(what) + ": " + (result >= 0 ? "allowed" : std::strerror(errno)) + "\n";
}

/// Tries what a sandboxed process may not.
Status try_everything(const Parser::Sink& sink) {
  std::string text;
  text += outcome("socket", ::socket(AF_INET, SOCK_STREAM, 0));
  text += outcome("local socket", ::socket(AF_UNIX, SOCK_STREAM, 0));
  text += outcome("write a file", ::open("/tmp/callslip-hostile", O_WRONLY | O_CREAT, 0600));
  text += outcome("write a file anew", ::creat("/tmp/callslip-hostile", 0600));
  text += outcome("remove a file", ::unlink("/tmp/callslip-hostile"));
  text += outcome("read a file", ::open("/etc/passwd", O_RDONLY));
  text += outcome("read a process", ::open("/proc/self/environ", O_RDONLY));
  text += outcome("list a folder", ::open("/", O_RDONLY | O_DIRECTORY));
  text += outcome("fork", ::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  text += outcome("signal the parent", ::kill(::getppid(), 0));
  text += outcome("trace the parent", ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr));
  void* code =
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  text += outcome("make code", code == MAP_FAILED ? -1 : 0);
  char program[] = "/bin/true";
  char* arguments[] = {program, nullptr};
  text += outcome("run a program", ::execve(program, arguments, nullptr));
  return sink(plain(text));
}

Status eat_memory() {
  std::vector<std::vector<char>> all;
  for (;;) all.emplace_back(kMegabyte, 'x');
}

Status flood(const Parser::Sink& sink) {
  for (;;) {
    if (Status s = sink(plain(std::string(kMegabyte, 'x'))); !s) return s;
  }
}

/// Writes to every pipe: what the server would read is nonsense.
Status write_nonsense() {
  for (int fd = 0; fd < 64; ++fd) {
    struct stat about {};
    if (::fstat(fd, &about) != 0 || !S_ISFIFO(about.st_mode)) continue;
    if (::write(fd, "\x03\xFF\xFF\xFF\xFF nonsense", 14) < 0) continue;
  }
  ::_exit(0);
}

/// A document that breaks what parsers promise.
Status lie(const Parser::Sink& sink) {
  ParsedDocument document = plain("short");
  document.headings.push_back({1000, 1, "outside"});
  return sink(std::move(document));
}

[[noreturn]] void loop() {
  for (volatile unsigned i = 0;;) i = i + 1;
}

class HostileParser final : public Parser {
 public:
  bool accepts(std::string_view, std::string_view) const override { return false; }
  bool isolated() const override { return true; }

  Status parse(std::string_view, std::string bytes, const ParseOptions&,
               const Sink& sink) const override {
    std::string_view what = std::string_view(bytes).substr(kMark.size());
    what = what.substr(0, what.find('\n'));
    if (what == "everything") return try_everything(sink);
    if (what == "crash") ::raise(SIGSEGV);
    if (what == "abort") std::abort();
    if (what == "loop") loop();
    if (what == "sleep") ::sleep(3600);
    if (what == "memory") return eat_memory();
    if (what == "flood") return flood(sink);
    if (what == "nonsense") return write_nonsense();
    if (what == "lie") return lie(sink);
    if (what == "exit") ::_exit(0);
    if (what == "document then crash") {
      if (Status s = sink(plain("read before the crash")); !s) return s;
      ::raise(SIGSEGV);
    }
    return Error{ErrorKind::unsupported, "unknown test: " + std::string(what)};
  }
};

}  // namespace

const Parser* hostile_parser_for(std::string_view head) {
  if (!head.starts_with(kMark) || std::getenv("CALLSLIP_EXTRACT_TEST") == nullptr) return nullptr;
  static const HostileParser parser;
  return &parser;
}

}  // namespace callslip
