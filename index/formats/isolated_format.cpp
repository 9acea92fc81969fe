#include "index/formats/isolated_format.h"

#include <array>
#include <utility>

#include "index/formats/recognition.h"

namespace callslip {
namespace {

using Test = bool (*)(std::string_view name, std::string_view head);

constexpr std::size_t kCount = static_cast<std::size_t>(IsolatedFormat::count);

/// Written once, at the start of callslip-extract.
std::array<ParseFunction, kCount>& parse_functions() {
  static std::array<ParseFunction, kCount> functions{};
  return functions;
}

class Isolated final : public Parser {
 public:
  Isolated(IsolatedFormat format, Test test)
      : place_(static_cast<std::size_t>(format)), test_(test) {}

  bool accepts(std::string_view name, std::string_view head) const override {
    return test_(name, head);
  }
  bool isolated() const override { return true; }

  Status parse(std::string_view name, std::string bytes, const ParseOptions& options,
               const Sink& sink) const override {
    if (const ParseFunction function = parse_functions().at(place_)) {
      return function(name, std::move(bytes), options, sink);
    }
    return Error{ErrorKind::unavailable, "only callslip-extract reads this format"};
  }

 private:
  const std::size_t place_;
  const Test test_;
};

}  // namespace

const Parser& isolated_format(IsolatedFormat format) {
#define CALLSLIP_ISOLATED(name) Isolated(IsolatedFormat::name, &is_##name),
  static const std::array<Isolated, kCount> formats{
      CALLSLIP_FORMATS(CALLSLIP_NO_FORMAT, CALLSLIP_ISOLATED)};
#undef CALLSLIP_ISOLATED
  return formats.at(static_cast<std::size_t>(format));
}

void use_isolated_parser(IsolatedFormat format, ParseFunction parse) {
  parse_functions().at(static_cast<std::size_t>(format)) = parse;
}

}  // namespace callslip
