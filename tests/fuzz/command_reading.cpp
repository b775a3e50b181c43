// Any body is a command or a list of wrong fields, and a command that was read is read again from
// what it is written as.
#include "core/crm/catalog.hpp"
#include "core/es/json_reader.hpp"
#include "core/es/json_writer.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace factum;

namespace {

Status read(AnyCommand& command, std::string_view json) {
  return read_json(json, {.sealed_as_plain = true},
                   [&](FieldVisitor& reader) { command.describe(reader); });
}

std::string written(AnyCommand& command) {
  JsonWriter writer(JsonStyle::answer);
  command.describe(writer);
  return writer.take();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto catalog = crm::command_catalog();
  fuzz::Input input(data, size);
  const CommandType& type = *catalog[input.byte() % catalog.size()];
  const auto command = type.make();
  const Status taken = read(*command, input.rest());
  if (!taken) {
    fuzz::promise(!taken.error().message.empty());
    return 0;
  }
  const std::string text = written(*command);
  const auto again = type.make();
  fuzz::promise(read(*again, text).has_value());
  fuzz::promise(written(*again) == text);
  return 0;
}
