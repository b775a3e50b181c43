#include "api/cli/cli.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace factum::cli {

void add_openapi(CLI::App& parent, Action& chosen) {
  CLI::App* command =
      parent.add_subcommand("openapi", "Prints the OpenAPI description of the REST API");
  auto options = std::make_shared<CommonOptions>();
  add_common(*command, *options);
  command->callback([options, &chosen] {
    chosen = [] {
      print(api::describe_api());
      return ExitCode::ok;
    };
  });
}

}  // namespace factum::cli
