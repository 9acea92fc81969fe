#include "plugin/toolset/arguments.h"

#include <algorithm>
#include <cmath>

namespace callslip {
namespace {

using nlohmann::json;

std::string kind_of(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return "null";
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return "an array";
    case json::value_t::string:
      return "a string";
    case json::value_t::boolean:
      return "a boolean";
    default:
      return "a number";
  }
}

std::string trimmed_number(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

Arguments::Arguments(const json& json) : json_(json) {}

bool Arguments::has(const std::string& name) const {
  return json_.is_object() && json_.contains(name) && !json_.at(name).is_null();
}

const json* Arguments::find(const std::string& name) {
  read_.insert(name);
  return has(name) ? &json_.at(name) : nullptr;
}

void Arguments::fail(const std::string& name, const std::string& expected, const json* value) {
  // What is there and wrong tells more of the caller's mistake than what is missing.
  std::optional<Error>& error = value == nullptr ? missing_ : error_;
  if (error) return;
  const std::string got = value == nullptr ? "it is missing" : "got " + kind_of(*value);
  error = Error{ErrorKind::invalid_argument, name + ": expected " + expected + ", " + got};
}

std::string Arguments::string(const std::string& name) {
  const json* value = find(name);
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  fail(name, "a string", value);
  return {};
}

std::string Arguments::required_string(const std::string& name) {
  const json* value = find(name);
  if (value == nullptr) fail(name, "a string", value);
  return string(name);
}

std::vector<std::string> Arguments::strings(const std::string& name) {
  const json* value = find(name);
  if (value == nullptr) return {};
  const bool right = value->is_array() && std::all_of(value->begin(), value->end(),
                                                      [](const json& j) { return j.is_string(); });
  if (right) return value->get<std::vector<std::string>>();
  fail(name, "an array of strings", value);
  return {};
}

std::vector<json> Arguments::objects(const std::string& name) {
  const json* value = find(name);
  if (value == nullptr) return {};
  const bool right = value->is_array() && std::all_of(value->begin(), value->end(),
                                                      [](const json& j) { return j.is_object(); });
  if (right) return value->get<std::vector<json>>();
  fail(name, "an array of objects", value);
  return {};
}

bool Arguments::boolean(const std::string& name, bool otherwise) {
  const json* value = find(name);
  if (value == nullptr) return otherwise;
  if (value->is_boolean()) return value->get<bool>();
  fail(name, "true or false", value);
  return otherwise;
}

std::size_t Arguments::integer(const std::string& name, std::size_t otherwise, std::size_t least,
                               std::size_t most) {
  const json* value = find(name);
  if (value == nullptr) return otherwise;
  if (!value->is_number() ||
      (value->is_number_float() && std::trunc(value->get<double>()) != value->get<double>())) {
    fail(name, "an integer", value);
    return otherwise;
  }
  return static_cast<std::size_t>(number(name, static_cast<double>(otherwise),
                                         static_cast<double>(least), static_cast<double>(most)));
}

double Arguments::number(const std::string& name, double otherwise, double least, double most) {
  const json* value = find(name);
  if (value == nullptr) return otherwise;
  if (!value->is_number()) {
    fail(name, "a number", value);
    return otherwise;
  }
  const double wanted = value->get<double>();
  const double clamped = std::clamp(wanted, least, most);
  if (clamped != wanted) {
    notes_.push_back(name + " " + (clamped > wanted ? "raised" : "lowered") + " to " +
                     trimmed_number(clamped));
  }
  return clamped;
}

std::size_t Arguments::choice(const std::string& name, const std::vector<std::string>& choices,
                              std::size_t otherwise) {
  const json* value = find(name);
  if (value == nullptr) return otherwise;
  std::string expected = "one of";
  for (const std::string& choice : choices) expected += " \"" + choice + "\"";
  if (!value->is_string()) {
    fail(name, expected, value);
    return otherwise;
  }
  const auto found = std::find(choices.begin(), choices.end(), value->get<std::string>());
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  if (!error_) {
    error_ = Error{ErrorKind::invalid_argument, name + ": expected " + expected + ", got \"" +
                                                    value->get<std::string>().substr(0, 80) + "\""};
  }
  return otherwise;
}

Status Arguments::finish() {
  if (!json_.is_object()) {
    return Error{ErrorKind::invalid_argument, "arguments: expected an object"};
  }
  if (error_) return *error_;
  if (missing_) return *missing_;
  for (const auto& [name, value] : json_.items()) {
    if (!read_.contains(name)) {
      notes_.push_back("unknown argument \"" + name.substr(0, 80) + "\" ignored");
    }
  }
  return {};
}

}  // namespace callslip
