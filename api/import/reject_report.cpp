#include "api/import/reject_report.hpp"

#include "api/import/csv_writer.hpp"

#include <filesystem>
#include <system_error>

namespace factum::importing {

void RejectReport::add(const Reject& reject) {
  if (path_.empty() || failed_) return;
  if (!file_.is_open()) {
    file_.open(path_, std::ios::binary | std::ios::trunc);
    std::error_code ignored;
    std::filesystem::permissions(
        path_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, ignored);
    file_ << csv_line({"file", "line", "column", "rule"});
  }
  file_ << csv_line({reject.file, std::to_string(reject.line), reject.column, reject.rule});
  failed_ = !file_;
}

Status RejectReport::finish() {
  if (file_.is_open()) file_.close();
  if (failed_ || !file_) {
    return fail(ErrorCode::io_error, path_ + ": the reject report cannot be written");
  }
  return {};
}

}  // namespace factum::importing
