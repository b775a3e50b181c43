// Names of folders as people write them, and of what lies beside a folder.
#pragma once

#include <string>
#include <string_view>

namespace factum {

/// The folder without slashes at its end; "/" stays.
std::string bare_folder(std::string_view folder);

/// What lies beside a folder under its name with a suffix: "d" and "d/" with ".keys" give "d.keys".
/// A folder without a name of its own, like ".", goes by its full path. `folder` is not empty.
std::string beside_folder(std::string_view folder, std::string_view suffix);

}  // namespace factum
