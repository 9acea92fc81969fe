#include "index/token_counter.h"
namespace callslip { namespace { class E final: public TokenCounter { public: std::size_t count(std::string_view s) const override { return (s.size()+2)/3; } const std::string& id() const override { static const std::string i="estimate-1"; return i; } }; }
std::unique_ptr<TokenCounter> make_token_estimator() { return std::make_unique<E>(); } }
