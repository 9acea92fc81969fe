// completion/complete: documents, sections and chunks, for arguments of prompts and variables of
// resource templates.
#include <algorithm>

#include "plugin/mcp/method.h"
#include "tools/document_uri.h"
#include "tools/name_completion.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxTypedBytes = 4096;

RpcError invalid(const std::string& why) { return {rpc_error::invalid_params, why, {}, {}}; }

const json* member(const json* object, const char* key) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(key);
  return found == object->end() ? nullptr : &*found;
}

std::string string_member(const json* object, const char* key) {
  const json* value = member(object, key);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

/// What is to be completed.
struct Typed {
  std::string name;
  std::string value;
  const json* others = nullptr;  // the arguments that are known already
};

/// The document that another argument names.
std::optional<DocumentNumber> known_document(const Snapshot& snapshot, const Typed& typed,
                                             const char* argument) {
  const std::string name = string_member(typed.others, argument);
  return name.empty() ? std::nullopt : find_document(snapshot, name);
}

/// The last one of a list; what stands before it stays.
NameCompletions complete_list(const Snapshot& snapshot, const std::string& value) {
  const std::size_t comma = value.rfind(',');
  if (comma == std::string::npos) return complete_documents(snapshot, value);
  const std::size_t begin = std::min(value.find_first_not_of(' ', comma + 1), value.size());
  NameCompletions completions = complete_documents(snapshot, value.substr(begin));
  for (std::string& name : completions.values) name.insert(0, value, 0, begin);
  return completions;
}

NameCompletions complete_argument(const Snapshot& snapshot, const Prompt& prompt,
                                  const PromptArgument& argument, const Typed& typed) {
  switch (argument.kind) {
    case PromptArgument::Kind::document:
      return complete_documents(snapshot, typed.value);
    case PromptArgument::Kind::documents:
      return complete_list(snapshot, typed.value);
    case PromptArgument::Kind::section:
      for (const PromptArgument& other : prompt.arguments) {
        if (other.kind != PromptArgument::Kind::document) continue;
        if (const auto document = known_document(snapshot, typed, other.name.c_str())) {
          return complete_sections(snapshot, *document, typed.value);
        }
      }
      return {};
    case PromptArgument::Kind::text:
      return {};
  }
  return {};
}

std::variant<NameCompletions, RpcError> complete_prompt(const McpServices& services,
                                                        const Snapshot& snapshot,
                                                        const std::string& name,
                                                        const Typed& typed) {
  for (const Prompt& prompt : services.prompts) {
    if (prompt.name != name) continue;
    for (const PromptArgument& argument : prompt.arguments) {
      if (argument.name == typed.name) return complete_argument(snapshot, prompt, argument, typed);
    }
    return invalid("argument: prompt \"" + name + "\" has none that is called \"" +
                   typed.name.substr(0, 80) + "\"");
  }
  return invalid("ref: unknown prompt \"" + name.substr(0, 80) + "\"");
}

std::variant<NameCompletions, RpcError> complete_template(const McpServices& services,
                                                          const Snapshot& snapshot,
                                                          const std::string& uri,
                                                          const Typed& typed) {
  const auto document = known_document(snapshot, typed, "name");
  if (uri.starts_with(chunk_uri_prefix) && typed.name == "chunk_id") {
    return document ? complete_chunk_ids(snapshot, *document, typed.value)
                    : complete_chunk_ids(snapshot, typed.value);
  }
  const bool section = uri.starts_with(section_uri_prefix);
  if ((section || uri.starts_with(document_uri_prefix)) && typed.name == "name") {
    return complete_documents(snapshot, typed.value);
  }
  if (section && typed.name == "heading") {
    return document ? complete_sections(snapshot, *document, typed.value) : NameCompletions();
  }
  const bool fixed = std::any_of(services.resources.begin(), services.resources.end(),
                                 [&](const FixedResource& resource) {
                                   return resource.described.value("uriTemplate", "") == uri ||
                                          resource.described.value("uri", "") == uri;
                                 });
  if (fixed) return NameCompletions();  // nothing to propose
  return invalid("ref: no resource template \"" + uri.substr(0, 80) + "\" with a variable \"" +
                 typed.name.substr(0, 80) + "\"; see resources/templates/list");
}

MethodAnswer complete(const McpServices& services, const McpCall& call) {
  const json* ref = call.param("ref");
  const json* argument = call.param("argument");
  const json* value = member(argument, "value");
  Typed typed;
  typed.name = string_member(argument, "name");
  if (typed.name.empty() || value == nullptr || !value->is_string()) {
    return invalid("argument: expected an object with the strings \"name\" and \"value\"");
  }
  typed.value = value->get<std::string>();
  if (typed.value.size() > kMaxTypedBytes) {
    return invalid("argument: value is longer than " + std::to_string(kMaxTypedBytes) + " bytes");
  }
  typed.others = member(call.param("context"), "arguments");

  std::shared_ptr<const Snapshot> snapshot = Snapshot::empty();
  if (services.library != nullptr) {
    const auto view = services.library->view(call.context);
    if (!view) return RpcError{rpc_error::internal, view.error().message, {}, {}};
    snapshot = view->snapshot;
  }
  const std::string type = string_member(ref, "type");
  std::variant<NameCompletions, RpcError> completed = invalid(
      "ref: expected \"type\": \"ref/prompt\" with \"name\", or \"ref/resource\" with \"uri\"");
  if (type == "ref/prompt") {
    completed = complete_prompt(services, *snapshot, string_member(ref, "name"), typed);
  } else if (type == "ref/resource") {
    completed = complete_template(services, *snapshot, string_member(ref, "uri"), typed);
  }
  if (const auto* error = std::get_if<RpcError>(&completed)) return *error;
  const auto& found = std::get<NameCompletions>(completed);
  return json{{"completion",
               {{"values", found.values},
                {"total", found.total},
                {"hasMore", found.total > found.values.size()}}}};
}

}  // namespace

MethodGroup completion_methods(const McpServices& services) {
  MethodGroup group;
  group.capabilities = {{"completions", json::object()}};
  group.methods = {{"completion/complete", Method::Era::both,
                    [](const McpCall&) { return Method::Runs::worker; },
                    [services](McpCall& call) { return complete(services, call); }}};
  return group;
}

}  // namespace callslip
