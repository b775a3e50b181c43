// Described values as compact bytes, for rows of read models.
//
// row      = value of an object
// object   = field*                       in the order of describe; no names: a changed shape is a
// new view version field    = required: value | optional: 0x00 | 0x01 value integer  = zigzag
// varint                timestamp, date, position, minor units, wide integers alike text     =
// varint length ‖ UTF-8        symbol = varint index   boolean = 0x00 | 0x01   uuid = 16 bytes
// money    = integer ‖ text               list = varint count ‖ value*   map = varint count ‖ text*
// (keys) ‖ value* sealed   = varint n: 0 = a new slot follows (event_id, type, schema, slot header,
// ciphertext), k = the k-th slot of this
//            row again; then text = name of the field inside the slot
//
// Equal values give equal bytes; rebuilt rows can be compared byte for byte.
#pragma once

#include "core/base/result.hpp"
#include "core/es/field_visitor.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace factum {

/// Bytes of what `visit` walks. O(size).
std::string encode_row_by(const std::function<void(FieldVisitor&)>& visit);
/// Fills what `visit` walks. Errors: corrupt; never reads beyond `bytes`.
Status decode_row_by(std::string_view bytes, const std::function<void(FieldVisitor&)>& visit);

template <class T>
std::string encode_row(const T& row) {
  return encode_row_by([&](FieldVisitor& v) { T::describe(v, const_cast<T&>(row)); });
}

template <class T>
Result<T> decode_row(std::string_view bytes) {
  T row{};
  FACTUM_CHECK(decode_row_by(bytes, [&](FieldVisitor& v) { T::describe(v, row); }));
  return row;
}

}  // namespace factum
