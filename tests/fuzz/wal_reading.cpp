// Whatever is in a write-ahead log: reading is safe, and what was read whole is read again when the
// rest is cut off.
#include "eventstore/wal_reader.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <string>
#include <vector>

using namespace factum;

namespace {

std::vector<std::string> records_of(std::string_view bytes, WalEnd& end) {
  std::vector<std::string> records;
  end = read_wal(bytes, [&](std::string_view record) { records.emplace_back(record); });
  return records;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::Input(data, size).rest();
  WalEnd end;
  const auto records = records_of(bytes, end);
  fuzz::promise(end.good_bytes <= bytes.size());
  WalEnd cut;
  fuzz::promise(records_of(bytes.substr(0, end.good_bytes), cut) == records);
  fuzz::promise(cut.clean && cut.good_bytes == end.good_bytes);
  return 0;
}
