// Notes, checkpoints, keys and base64 that are understood are written again as they were.
#include "eventstore/signed_note.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace factum;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::Input(data, size).rest();
  static const VerifierKey key = VerifierKey::of("example.com/log", std::string(32, 'k'));
  if (const auto note = SignedNote::parse(text)) {
    fuzz::promise(note->text.ends_with('\n') && text.starts_with(note->text));
    fuzz::promise(!note->signatures.empty());
    fuzz::promise(!note->is_signed_by(key));
  }
  if (const auto checkpoint = Checkpoint::parse(text))
    fuzz::promise(text.starts_with(checkpoint->text()));
  if (const auto parsed = VerifierKey::parse(text)) {
    const auto again = VerifierKey::parse(parsed->to_string());
    fuzz::promise(again.has_value() && *again == *parsed);
  }
  if (const auto bytes = from_base64(text)) fuzz::promise(base64(*bytes) == text);
  return 0;
}
