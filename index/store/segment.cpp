#include "index/store/segment.h"

#include <fcntl.h>
#include <unistd.h>
#include <xapian.h>

#include <algorithm>
#include <limits>

namespace callslip {
namespace {

constexpr std::size_t kMaxIdleHandles = 8;

}  // namespace

Segment::~Segment() = default;

Result<std::shared_ptr<const Segment>> Segment::open(const std::string& directory,
                                                     const SegmentInfo& info) {
  std::shared_ptr<Segment> segment(new Segment);
  segment->directory_ = directory;
  const std::string prefix = directory + "/";
  auto catalog = Catalog::open(prefix + std::string(catalog_file), info.catalog_checksum);
  if (!catalog) return catalog.error();
  segment->catalog_ = std::move(catalog).value();
  auto texts = TextStore::open(prefix + std::string(texts_file));
  if (!texts) return texts.error();
  segment->texts_ = std::move(texts).value();
  auto postings = FileDescriptor::open_for_reading(prefix + std::string(postings_file));
  if (!postings) return postings.error();
  segment->postings_ = std::move(postings).value();
  const auto size = segment->postings_.size();
  if (!size || *size != info.postings_bytes) {
    return damaged_file(directory, "its postings have the wrong size");
  }
  if (segment->catalog_->chunks().size() != info.chunks) {
    return damaged_file(directory, "its catalog is another one");
  }
  return std::shared_ptr<const Segment>(std::move(segment));
}

Result<std::unique_ptr<Xapian::Database>> Segment::take_handle() const {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto handle = std::move(idle_.back());
      idle_.pop_back();
      return handle;
    }
  }
  const std::lock_guard opening(opening_);
  // Xapian takes ownership of the descriptor, and closes it when it fails.
  const int fd = ::fcntl(postings_.get(), F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return system_error(directory_, errno);
  ::lseek(fd, 0, SEEK_SET);  // where Xapian looks for the database
  try {
    return std::make_unique<Xapian::Database>(fd);
  } catch (const Xapian::Error& e) {
    return damaged_file(directory_, "its postings cannot be opened (" + e.get_msg() + ")");
  }
}

void Segment::put_back(std::unique_ptr<Xapian::Database> handle) const {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMaxIdleHandles) idle_.push_back(std::move(handle));
}

Result<std::shared_ptr<const PostingList>> Segment::postings(const std::string& term,
                                                             const DeadChunks& dead) const {
  auto handle = take_handle();
  if (!handle) return handle.error();
  auto list = std::make_shared<PostingList>();
  try {
    const Xapian::Database& database = **handle;
    const std::size_t count = database.get_termfreq(term);
    list->chunks.reserve(count);
    list->frequencies.reserve(count);
    const std::size_t chunks = catalog_->chunks().size();
    for (auto it = database.postlist_begin(term); it != database.postlist_end(term); ++it) {
      const std::size_t chunk = *it - 1;
      if (chunk >= chunks) return damaged_file(directory_, "a posting lies outside the catalog");
      if (!dead.empty() && dead[chunk]) continue;
      list->chunks.push_back(static_cast<std::uint32_t>(chunk));
      list->frequencies.push_back(static_cast<std::uint16_t>(
          std::min<Xapian::termcount>(it.get_wdf(), std::numeric_limits<std::uint16_t>::max())));
    }
  } catch (const Xapian::Error& e) {
    return damaged_file(directory_, "its postings cannot be read (" + e.get_msg() + ")");
  }
  put_back(std::move(handle).value());
  return std::shared_ptr<const PostingList>(std::move(list));
}

Result<std::vector<CloseTerm>> Segment::terms_close_to(FuzzyWord word, std::size_t& steps) const {
  auto handle = take_handle();
  if (!handle) return handle.error();
  std::vector<CloseTerm> close;
  try {
    const Xapian::Database& database = **handle;
    auto it = database.allterms_begin();
    const auto end = database.allterms_end();
    for (it.skip_to(word.begin()); it != end && steps > 0; --steps) {
      const std::string term = *it;
      if (term >= word.end()) break;
      const FuzzyWord::Step step = word.step(term);
      if (step.distance) close.push_back({term, *step.distance, it.get_termfreq()});
      if (step.next.empty()) break;
      // Seeking costs more than a step, and most often the next term is the one.
      if (++it != end && *it < step.next) it.skip_to(step.next);
    }
  } catch (const Xapian::Error& e) {
    return damaged_file(directory_, "its dictionary cannot be read (" + e.get_msg() + ")");
  }
  put_back(std::move(handle).value());
  return close;
}

}  // namespace callslip
