#include "eventstore/key_handover.hpp"

#include "core/es/json_reader.hpp"
#include "core/es/json_writer.hpp"

#include <algorithm>

namespace factum {
namespace {

constexpr std::string_view kFirstLine = "factum-key-handover-1\n";

struct HandoversFile {
  std::vector<std::string> handovers;

  static void describe(FieldVisitor& v, HandoversFile& f) {
    v.shown("handovers", f.handovers, "Signed notes, oldest first");
  }
};

tl::unexpected<Error> wrong(const std::string& what) {
  return fail(ErrorCode::corrupt, "the hand-over of the signing key: " + what);
}

// A line of `text`, which loses it with its line break.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

std::string KeyHandover::text() const {
  return std::string(kFirstLine) + from.to_string() + "\n" + to.to_string() + "\n";
}

Result<KeyHandover> KeyHandover::open(std::string_view note) {
  const auto parsed = SignedNote::parse(note);
  if (!parsed) return wrong(parsed.error().message);
  std::string_view rest = parsed->text;
  if (!rest.starts_with(kFirstLine)) return wrong("it is none");
  rest.remove_prefix(kFirstLine.size());
  const auto from = VerifierKey::parse(take_line(rest));
  const auto to = VerifierKey::parse(take_line(rest));
  if (!from || !to || !rest.empty() || from->name != to->name)
    return wrong("it does not name two keys of one log");
  KeyHandover handover{*from, *to};
  if (handover.text() != parsed->text || !parsed->is_signed_by(handover.from))
    return wrong("it is not signed by the key that is handed over");
  return handover;
}

Result<KeyChain> KeyChain::parse(std::string_view json) {
  auto file = from_json<HandoversFile>(std::string(json), {.stored = true});
  if (!file) return wrong("the file does not read");
  KeyChain chain;
  for (std::string& note : file->handovers) {
    FACTUM_TRY(const KeyHandover handover, KeyHandover::open(note));
    if (chain.keys.empty()) chain.keys.push_back(handover.from);
    if (chain.keys.back() != handover.from) return wrong("the chain is broken");
    chain.keys.push_back(handover.to);
    chain.notes.push_back(std::move(note));
  }
  return chain;
}

std::string KeyChain::json() const {
  HandoversFile file{notes};
  return to_json(file) + "\n";
}

const VerifierKey& KeyChain::newest_from(const VerifierKey& known) const {
  const bool is_known = std::find(keys.begin(), keys.end(), known) != keys.end();
  return is_known ? keys.back() : known;
}

}  // namespace factum
