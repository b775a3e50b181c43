#include "api/cli/toml_config.hpp"

#include <CLI/CLI.hpp>
#include <toml++/toml.h>

#include <istream>
#include <sstream>
#include <string>
#include <vector>

namespace factum::cli {
namespace {

[[noreturn]] void complain(std::string why) {
  throw CLI::ConfigError(std::move(why), CLI::ExitCodes::ConfigError);
}

std::string joined(const std::vector<std::string>& parents, std::string_view key) {
  std::string name;
  for (const std::string& parent : parents) name += parent + ".";
  return name.append(key);
}

// The text that the same value would have on the command line.
std::string text_of(const toml::node& value, const std::string& name) {
  if (const auto text = value.value_exact<std::string>()) return *text;
  if (const auto truth = value.value_exact<bool>()) return *truth ? "true" : "false";
  if (!value.is_integer() && !value.is_floating_point() && !value.is_date() &&
      !value.is_date_time())
    complain("no option has such a value: " + name);
  std::ostringstream text;
  value.visit([&](const auto& of_its_type) { text << of_its_type; });
  return text.str();
}

std::vector<std::string> texts_of(const toml::node& value, const std::string& name) {
  std::vector<std::string> texts;
  if (const toml::array* list = value.as_array()) {
    for (const toml::node& element : *list) texts.push_back(text_of(element, name));
  } else {
    texts.push_back(text_of(value, name));
  }
  return texts;
}

void add_items(std::vector<CLI::ConfigItem>& items, std::vector<std::string>& parents,
               const toml::table& table) {
  for (const auto& [key, value] : table) {
    const std::string name(key.str());
    if (const toml::table* inner = value.as_table()) {
      parents.push_back(name);
      // CLI11 finds out by this item whether there is such a subcommand.
      items.push_back({parents, "++", {}});
      add_items(items, parents, *inner);
      parents.pop_back();
    } else {
      items.push_back({parents, name, texts_of(value, joined(parents, name))});
    }
  }
}

class TomlConfig final : public CLI::Config {
 public:
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    try {
      const toml::table table = toml::parse(input);
      std::vector<CLI::ConfigItem> found;
      std::vector<std::string> parents;
      add_items(found, parents, table);
      return found;
    } catch (const toml::parse_error& error) {
      complain("line " + std::to_string(error.source().begin.line) +
               " is not TOML: " + std::string(error.description()));
    }
  }
  // Nothing is ever written.
  std::string to_config(const CLI::App* /*app*/, bool /*defaults*/, bool /*docs*/,
                        std::string /*prefix*/) const override {
    return {};
  }
};

}  // namespace

std::shared_ptr<CLI::Config> toml_config() { return std::make_shared<TomlConfig>(); }

}  // namespace factum::cli
