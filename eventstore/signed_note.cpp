#include "eventstore/signed_note.hpp"

#include "core/base/contract.hpp"
#include "core/base/hex.hpp"
#include "core/es/json_reader.hpp"
#include "eventstore/hash.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace factum {
namespace {

constexpr std::string_view kEd25519("\x01", 1);
constexpr std::string_view kDash = "\xE2\x80\x94 ";  // U+2014 and a space
constexpr std::size_t kPublicKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kNoteBytesMax = 1'000'000;
constexpr std::size_t kSignaturesMax = 100;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeDigestContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, FreeKey>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeDigestContext>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

tl::unexpected<Error> malformed(const char* what) {
  return fail(ErrorCode::invalid_argument, what);
}

std::array<char, kKeyIdBytes> key_id(std::string_view name, std::string_view public_key) {
  const Digest digest = sha256({name, "\n", kEd25519, public_key});
  std::array<char, kKeyIdBytes> id{};
  std::copy_n(view(digest).begin(), id.size(), id.begin());
  return id;
}

// Blanks beyond ASCII: the characters of Unicode's class White_Space, in UTF-8.
constexpr std::array<std::string_view, 19> kWideBlanks{
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
    "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
    "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
    "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};

// Names have no blanks and no plus, since both end them somewhere.
bool is_name(std::string_view name) {
  const auto has = [&](std::string_view blank) {
    return name.find(blank) != std::string_view::npos;
  };
  return !name.empty() && is_utf8(name) &&
         name.find_first_of(" \t\v\f\r\n+") == std::string_view::npos &&
         std::none_of(kWideBlanks.begin(), kWideBlanks.end(), has);
}

// "— name base64(id ‖ signature)"
Result<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(kDash))
    return malformed("a line of a signature does not start with a dash");
  line.remove_prefix(kDash.size());
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos || !is_name(line.substr(0, blank)))
    return malformed("a signature has no name");
  const auto raw = from_base64(line.substr(blank + 1));
  if (!raw || raw->size() <= kKeyIdBytes) return malformed("a signature is not base64");
  NoteSignature signature;
  signature.name = line.substr(0, blank);
  std::copy_n(raw->begin(), kKeyIdBytes, signature.id.begin());
  signature.bytes = raw->substr(kKeyIdBytes);
  return signature;
}

// The line up to the next line break, which is taken too.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                      bytes_of(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(written));
  return text;
}

Result<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > kNoteBytesMax) return malformed("this is not base64");
  std::string bytes(text.size() / 4 * 3, '\0');
  const int written = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                      bytes_of(text), static_cast<int>(text.size()));
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  if (written < 0 || padding > bytes.size()) return malformed("this is not base64");
  bytes.resize(bytes.size() - padding);
  // OpenSSL reads over blanks and left-over bits.
  if (base64(bytes) != text) return malformed("this is not base64");
  return bytes;
}

bool verify_ed25519(std::string_view public_key, std::string_view message,
                    std::string_view signature) {
  if (public_key.size() != kPublicKeyBytes || signature.size() != kSignatureBytes) return false;
  const KeyPointer key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(public_key),
                                                   public_key.size()));
  const DigestContext context(EVP_MD_CTX_new());
  return key && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                          message.size()) == 1;
}

// ---- keys

VerifierKey VerifierKey::of(std::string name, std::string public_key) {
  VerifierKey key{std::move(name), {}, std::move(public_key)};
  key.id = key_id(key.name, key.public_key);
  return key;
}

Result<VerifierKey> VerifierKey::parse(std::string_view vkey) {
  constexpr std::size_t kIdDigits = 2 * kKeyIdBytes;
  const std::size_t first = vkey.find('+');
  const bool has_id = first != std::string_view::npos && vkey.size() > first + kIdDigits + 1 &&
                      vkey[first + kIdDigits + 1] == '+';
  if (!has_id || !is_name(vkey.substr(0, first)))
    return malformed("a verifier key is name+id+key; see docs/transparency.md");
  const auto raw = from_base64(vkey.substr(first + kIdDigits + 2));
  if (!raw || raw->size() != 1 + kPublicKeyBytes || !raw->starts_with(kEd25519))
    return malformed("a verifier key holds an Ed25519 key");
  VerifierKey key = of(std::string(vkey.substr(0, first)), raw->substr(1));
  if (key.to_string() != vkey) return malformed("the id of a verifier key does not fit its key");
  return key;
}

std::string VerifierKey::to_string() const {
  return name + "+" + to_hex(std::string_view(id.data(), id.size())) + "+" +
         base64(std::string(kEd25519) + public_key);
}

NoteSigner::NoteSigner(std::string name, const SecretKey& seed) : seed_(seed) {
  const KeyPointer key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed_.data(), SecretKey::kBytes));
  std::string public_key(kPublicKeyBytes, '\0');
  std::size_t bytes = public_key.size();
  FACTUM_ASSERT(key &&
                EVP_PKEY_get_raw_public_key(
                    key.get(), reinterpret_cast<unsigned char*>(public_key.data()), &bytes) == 1);
  verifier_ = VerifierKey::of(std::move(name), std::move(public_key));
}

std::string NoteSigner::sign(std::string_view text) const {
  const KeyPointer key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed_.data(), SecretKey::kBytes));
  const DigestContext context(EVP_MD_CTX_new());
  std::string signature(kSignatureBytes, '\0');
  std::size_t bytes = signature.size();
  FACTUM_ASSERT(key && context);
  FACTUM_ASSERT(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  FACTUM_ASSERT(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                               &bytes, bytes_of(text), text.size()) == 1);
  const std::string id(verifier_.id.begin(), verifier_.id.end());
  std::string note(text);
  note += "\n";
  note += kDash;
  return note + verifier_.name + " " + base64(id + signature) + "\n";
}

// ---- notes

Result<SignedNote> SignedNote::parse(std::string_view note) {
  constexpr std::string_view kSplit = "\n\n";
  if (note.size() > kNoteBytesMax || !is_utf8(note)) return malformed("this is not a signed note");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; };
  const std::size_t split = note.rfind(kSplit);
  if (split == std::string_view::npos || !note.ends_with('\n') ||
      std::any_of(note.begin(), note.end(), is_control))
    return malformed("this is not a signed note");
  SignedNote parsed;
  parsed.text = note.substr(0, split + 1);
  std::string_view lines = note.substr(split + kSplit.size());
  if (lines.empty()) return malformed("a note has no signature");
  while (!lines.empty()) {
    if (parsed.signatures.size() == kSignaturesMax)
      return malformed("a note has more than 100 signatures");
    FACTUM_TRY(auto signature, parse_signature(take_line(lines)));
    parsed.signatures.push_back(std::move(signature));
  }
  return parsed;
}

bool SignedNote::is_signed_by(const VerifierKey& key) const {
  return std::any_of(signatures.begin(), signatures.end(), [&](const NoteSignature& signature) {
    return signature.name == key.name && signature.id == key.id &&
           verify_ed25519(key.public_key, text, signature.bytes);
  });
}

// ---- checkpoints

std::string Checkpoint::text() const {
  return origin + "\n" + std::to_string(size) + "\n" + base64(view(root)) + "\n";
}

Result<Checkpoint> Checkpoint::parse(std::string_view text) {
  Checkpoint checkpoint;
  checkpoint.origin = take_line(text);
  const std::string_view size = take_line(text);
  const auto read = std::from_chars(size.data(), size.data() + size.size(), checkpoint.size);
  if (checkpoint.origin.empty() || size.empty() || read.ec != std::errc{} ||
      std::to_string(checkpoint.size) != size)
    return malformed("a checkpoint has no origin or size");
  const bool ends = text.find('\n') != std::string_view::npos;
  const auto root = from_base64(take_line(text));
  if (!ends || !root || root->size() != sizeof(Digest))
    return malformed("a checkpoint has no root");
  checkpoint.root = to_digest(*root);
  return checkpoint;
}

Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key) {
  const auto wrong = [](const std::string& what) { return fail(ErrorCode::corrupt, what); };
  const auto parsed = SignedNote::parse(note);
  if (!parsed) return wrong(parsed.error().message);
  bool is_signed = false;
  for (const NoteSignature& signature : parsed->signatures) {
    if (signature.name != key.name || signature.id != key.id) continue;
    if (!verify_ed25519(key.public_key, parsed->text, signature.bytes))
      return wrong("the signature of the note is not by the key");
    is_signed = true;
  }
  if (!is_signed) return wrong("the note has no signature by the key");
  const auto checkpoint = Checkpoint::parse(parsed->text);
  if (!checkpoint) return wrong(checkpoint.error().message);
  if (parsed->text.starts_with('\n') || parsed->text.find("\n\n") != std::string::npos)
    return wrong("the checkpoint has an empty line");
  if (checkpoint->size > INT64_MAX) return wrong("the size of the checkpoint is too large");
  if (checkpoint->origin != key.name)
    return wrong("the origin of the checkpoint is not the name of the key");
  return *checkpoint;
}

}  // namespace factum
