#include "core/base/folder_name.hpp"

#include <filesystem>
#include <system_error>

namespace factum {

std::string bare_folder(std::string_view folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.remove_suffix(1);
  return std::string(folder);
}

std::string beside_folder(std::string_view folder, std::string_view suffix) {
  std::string bare = bare_folder(folder);
  const std::string name = std::filesystem::path(bare).filename().string();
  if (name == "." || name == "..") {
    std::error_code failed;
    const auto whole = std::filesystem::absolute(bare, failed).lexically_normal();
    if (!failed) bare = bare_folder(whole.string());
  }
  return bare.append(suffix);
}

}  // namespace factum
