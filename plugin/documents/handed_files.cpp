#include "plugin/documents/handed_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "index/files/atomic_file.h"
#include "index/files/file_descriptor.h"
#include "index/hash.h"
#include "index/store/index_location.h"

namespace callslip {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRoot = "documents/";
constexpr std::size_t kMaxAbout = 1U << 16;

std::string temporary_name(std::uint64_t source) {
  std::random_device device;
  return hex64(source) + "-" + hex64(static_cast<std::uint64_t>(device()) << 32 | device());
}

Status make_directory(const std::string& path) {
  std::error_code code;
  fs::create_directories(path, code);
  if (code) return system_error(path, code.value());
  return {};
}

std::vector<HandedFiles::Seen> files_in(const std::string& folder) {
  std::vector<HandedFiles::Seen> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename();
    HandedFiles::Seen seen{entry.path(), 0, HandedFiles::mtime_of(entry.path())};
    const auto [end, error] =
        std::from_chars(name.data(), name.data() + name.size(), seen.source, 16);
    if (error == std::errc() && end == name.data() + 16) files.push_back(std::move(seen));
  }
  return files;
}

}  // namespace

TemporaryPath::~TemporaryPath() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

HandedFiles::HandedFiles(const std::string& directory) {
  std::error_code code;
  const fs::path real = fs::weakly_canonical(fs::absolute(directory), code);
  directory_ = (code ? fs::path(directory) : real).string() + "/" + std::string(handed_folder);
}

bool HandedFiles::exist() const {
  std::error_code ignored;
  return fs::is_directory(directory_, ignored);
}

Result<FileLock> HandedFiles::lock(std::chrono::milliseconds wait,
                                   const std::stop_token& stop) const {
  for (const char* folder : {"/.new", "/.gone", "/.about"}) {
    if (Status s = make_directory(directory_ + folder); !s) return s.error();
  }
  return FileLock::acquire(directory_ + "/.lock", wait, stop);
}

std::optional<std::string> HandedFiles::collection_of(const RootRecord& root) {
  if (!root.path.starts_with(kRoot)) return std::nullopt;
  return root.path.substr(kRoot.size());
}

std::string HandedFiles::path(const std::string& collection, const std::string& relative) const {
  return directory_ + "/" + collection + "/" + relative;
}

Result<TemporaryPath> HandedFiles::receive(std::uint64_t source, std::string_view bytes,
                                           const std::string& replaces) const {
  TemporaryPath file(directory_ + "/.new/" + temporary_name(source));
  if (Status s = write_file_atomically(file.path(), bytes); !s) return s.error();
  // By its time settle() tells it from the file that it replaces.
  struct stat status {};
  if (::stat(file.path().c_str(), &status) == 0 && mtime_of(file.path()) == mtime_of(replaces)) {
    timespec times[2] = {status.st_atim, status.st_mtim};
    ++times[1].tv_sec;
    ::utimensat(AT_FDCWD, file.path().c_str(), times, 0);
  }
  return file;
}

Status HandedFiles::prepare(const std::string& path) const {
  const auto clash = [](const std::string& what) {
    return Error{ErrorKind::invalid_argument, "name: " + what};
  };
  std::error_code code;
  for (fs::path folder = fs::path(path).parent_path(); folder.string().size() > directory_.size();
       folder = folder.parent_path()) {
    const auto status = fs::symlink_status(folder, code);
    if (fs::exists(status) && !fs::is_directory(status)) {
      return clash("\"" + folder.string().substr(directory_.size() + 1) +
                   "\" is a document, and cannot be a folder too");
    }
  }
  if (fs::is_directory(fs::symlink_status(path, code))) {
    return clash("\"" + path.substr(directory_.size() + 1) +
                 "\" is a folder, and cannot be a document too");
  }
  if (Status s = make_directory(fs::path(path).parent_path()); !s) {
    prune(path);
    return s;
  }
  return {};
}

void HandedFiles::place(TemporaryPath received, const std::string& path) const {
  const std::string from = received.release();
  if (::rename(from.c_str(), path.c_str()) != 0) return;
  if (Status s = sync_directory(fs::path(path).parent_path()); !s) return;
}

Result<std::optional<TemporaryPath>> HandedFiles::set_aside(std::uint64_t source,
                                                            const std::string& path) const {
  const std::string aside = directory_ + "/.gone/" + temporary_name(source);
  if (::rename(path.c_str(), aside.c_str()) == 0) return std::optional(TemporaryPath(aside));
  if (errno == ENOENT || errno == ENOTDIR) return std::optional<TemporaryPath>();
  return system_error(path, errno);
}

void HandedFiles::put_back(TemporaryPath aside, const std::string& path) const {
  const std::string from = aside.release();
  // Where this fails, settle() does it.
  if (::rename(from.c_str(), path.c_str()) != 0) return;
}

void HandedFiles::prune(const std::string& path) const {
  std::error_code code;
  for (fs::path folder = fs::path(path).parent_path(); folder.string().size() > directory_.size();
       folder = folder.parent_path()) {
    // Only an empty folder can be removed so.
    if (::rmdir(folder.c_str()) != 0) return;
  }
}

void HandedFiles::save_about(std::uint64_t source, const About& about) const {
  const std::string path = directory_ + "/.about/" + hex64(source) + ".json";
  if (about.title.empty() && about.type.empty()) {
    ::unlink(path.c_str());
    return;
  }
  const nlohmann::json json{{"title", about.title}, {"type", about.type}};
  // Only needed when an index is made anew; the document itself is in the index already.
  const Status ignored = write_file_atomically(
      path, json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  if (!ignored) ::unlink(path.c_str());
}

HandedFiles::About HandedFiles::about(std::uint64_t source) const {
  const auto text = read_file(directory_ + "/.about/" + hex64(source) + ".json", kMaxAbout);
  if (!text) return {};
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object()) return {};
  const auto string = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  return {string("title"), string("type")};
}

std::vector<HandedFiles::Seen> HandedFiles::received() const {
  return files_in(directory_ + "/.new");
}

std::vector<HandedFiles::Seen> HandedFiles::aside() const {
  return files_in(directory_ + "/.gone");
}

std::vector<std::string> HandedFiles::originals() const {
  std::vector<std::string> files;
  std::error_code code;
  fs::recursive_directory_iterator it(directory_, code);
  for (; !code && it != fs::recursive_directory_iterator(); it.increment(code)) {
    if (it->path().filename().string().starts_with('.')) {
      it.disable_recursion_pending();
    } else if (it->is_regular_file(code) && !it->is_symlink(code) && it.depth() > 0) {
      files.push_back(it->path().string().substr(directory_.size() + 1));
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::int64_t HandedFiles::mtime_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return 0;
  return static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
}

}  // namespace callslip
