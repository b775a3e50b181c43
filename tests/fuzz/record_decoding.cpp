// Whatever is on disk: decoding is safe, and there is exactly one way to write what it gives.
#include "eventstore/claim_format.hpp"
#include "eventstore/record_format.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace factum;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::Input(data, size).rest();
  if (const auto record = decode_record(bytes)) {
    std::string again;
    encode_record(*record, again);
    fuzz::promise(again == bytes);
    fuzz::promise(peek_type(bytes) == record->type);
  }
  if (const auto event = decode_stored(Position(1), bytes))
    fuzz::promise(bytes.size() > kStoredHeaderBytes);
  if (const auto claim = decode_claim(bytes)) fuzz::promise(encode_claim(*claim) == bytes);
  if (const auto outcome = decode_outcome(bytes)) fuzz::promise(encode_outcome(*outcome) == bytes);
  return 0;
}
