#include "tests/servers/oracle_knobs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <variant>

namespace callslip::oracle {
namespace {

using Field = std::variant<double OracleKnobs::*, std::string OracleKnobs::*, bool OracleKnobs::*,
                           std::vector<std::string> OracleKnobs::*>;

struct Knob {
  std::string_view name;
  Field field;
  double largest = 1e12;
};

const std::array knobs = {
    Knob{"latency", &OracleKnobs::latency},
    Knob{"jitter", &OracleKnobs::jitter},
    Knob{"error_rate", &OracleKnobs::error_rate, 1},
    Knob{"rate_limit", &OracleKnobs::rate_limit, 1},
    Knob{"hang", &OracleKnobs::hang, 1},
    Knob{"truncate", &OracleKnobs::truncate, 1},
    Knob{"wrong_json", &OracleKnobs::wrong_json, 1},
    Knob{"nonsense", &OracleKnobs::nonsense, 1},
    Knob{"invent", &OracleKnobs::invent, 1},
    Knob{"omit", &OracleKnobs::omit, 1},
    Knob{"trickle", &OracleKnobs::trickle, 1},
    Knob{"reset", &OracleKnobs::reset, 1},
    Knob{"trickle_ms", &OracleKnobs::trickle_ms},
    Knob{"retry_after", &OracleKnobs::retry_after},
    Knob{"window", &OracleKnobs::window},
    Knob{"capacity", &OracleKnobs::capacity},
    Knob{"context", &OracleKnobs::context},
    Knob{"seed", &OracleKnobs::seed},
    Knob{"style", &OracleKnobs::style},
    Knob{"window_style", &OracleKnobs::window_style},
    Knob{"key", &OracleKnobs::key},
    Knob{"model", &OracleKnobs::model},
    Knob{"answer", &OracleKnobs::answer},
    Knob{"other", &OracleKnobs::other},
    Knob{"no_response_format", &OracleKnobs::no_response_format},
    Knob{"props", &OracleKnobs::props},
    Knob{"unsupported", &OracleKnobs::unsupported},
};

constexpr std::array<std::pair<std::string_view, Style>, 9> styles = {{
    {"json", Style::json},
    {"json-none", Style::json_none},
    {"fenced", Style::fenced},
    {"thinking", Style::thinking},
    {"reasoning", Style::reasoning},
    {"lines", Style::lines},
    {"quoted", Style::quoted},
    {"none-dot", Style::none_dot},
    {"chinese-none", Style::chinese_none},
}};

const Knob* find_knob(std::string_view name) {
  std::string plain(name);
  std::replace(plain.begin(), plain.end(), '-', '_');
  const auto* const found = std::find_if(knobs.begin(), knobs.end(),
                                         [&](const Knob& knob) { return knob.name == plain; });
  return found == knobs.end() ? nullptr : found;
}

const Knob& knob_called(std::string_view name) {
  const Knob* const knob = find_knob(name);
  if (knob == nullptr) throw std::invalid_argument("there is no knob '" + std::string(name) + "'");
  return *knob;
}

void check(std::string_view name, const std::string& value) {
  const bool known = name == "style"
                         ? std::any_of(styles.begin(), styles.end(),
                                       [&](const auto& style) { return style.first == value; })
                         : name != "window_style" || value == "llama" || value == "openai";
  if (!known) {
    throw std::invalid_argument(std::string(name) + " cannot be '" + value + "'");
  }
}

}  // namespace

Style OracleKnobs::reply_style() const {
  for (const auto& [name, value] : styles) {
    if (name == style) return value;
  }
  return Style::json;
}

bool OracleKnobs::is_switch(std::string_view name) {
  return std::holds_alternative<bool OracleKnobs::*>(knob_called(name).field);
}

void OracleKnobs::set(std::string_view name, const std::string& words) {
  const Knob& knob = knob_called(name);
  if (std::holds_alternative<double OracleKnobs::*>(knob.field)) {
    set(name, nlohmann::json::parse(words, nullptr, false));
  } else if (const auto* list = std::get_if<std::vector<std::string> OracleKnobs::*>(&knob.field)) {
    (this->**list).push_back(words);
  } else {
    set(name, nlohmann::json(words));
  }
}

void OracleKnobs::set(std::string_view name, const nlohmann::json& value) {
  const Knob& knob = knob_called(name);
  const auto refuse = [&](const std::string& wanted) {
    throw std::invalid_argument(std::string(knob.name) + " must be " + wanted);
  };
  if (const auto* number = std::get_if<double OracleKnobs::*>(&knob.field)) {
    const double wanted = value.is_number() ? value.get<double>() : std::nan("");
    const double least = knob.name == "retry_after" ? -1 : 0;
    if (!(wanted >= least && wanted <= knob.largest)) {
      refuse("a number of at least 0" + std::string(knob.largest == 1 ? " and at most 1" : ""));
    }
    this->** number = wanted;
  } else if (const auto* text = std::get_if<std::string OracleKnobs::*>(&knob.field)) {
    if (!value.is_string()) refuse("a string");
    check(knob.name, value.get<std::string>());
    this->** text = value.get<std::string>();
  } else if (const auto* flag = std::get_if<bool OracleKnobs::*>(&knob.field)) {
    if (!value.is_boolean()) refuse("true or false");
    this->** flag = value.get<bool>();
  } else {
    const bool strings =
        value.is_array() &&
        std::all_of(value.begin(), value.end(), [](const auto& v) { return v.is_string(); });
    if (!strings) refuse("an array of strings");
    this->*std::get<std::vector<std::string> OracleKnobs::*>(knob.field) =
        value.get<std::vector<std::string>>();
  }
}

nlohmann::json OracleKnobs::to_json() const {
  nlohmann::json all;
  for (const Knob& knob : knobs) {
    std::visit([&](auto field) { all[std::string(knob.name)] = this->*field; }, knob.field);
  }
  return all;
}

}  // namespace callslip::oracle
