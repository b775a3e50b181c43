#include "api/app_files.hpp"

#include "eventstore/file.hpp"

namespace factum::api {

Result<std::string> read_named_file(const std::string& path, std::size_t bytes_max) {
  return read_whole_file(path, bytes_max);
}

}  // namespace factum::api
