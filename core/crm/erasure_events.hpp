// Events of erasures and of legal holds, which stand against them.
#pragma once

#include "core/crm/common.hpp"
#include "core/crm/ids.hpp"
#include "core/es/event_type.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::crm {

/// The subjects of an erasure or a hold; each owns data keys.
struct SubjectList {
  static constexpr std::size_t kSubjectsMax = 24;

  std::vector<CustomerId> customers;
  std::vector<ContactId> contacts;
  std::vector<UserId> users;

  std::size_t size() const { return customers.size() + contacts.size() + users.size(); }
  /// Their ids, which are those of their keys' owners.
  std::vector<Uuid> ids() const;
  std::vector<std::string> tags() const;

  static void describe(FieldVisitor& v, SubjectList& s) {
    v.fact("customers", s.customers, "Customers");
    v.fact("contacts", s.contacts, "Contacts");
    v.fact("users", s.users, "Users");
  }
};

/// The subjects that an event names.
template <class E>
SubjectList subjects_of(const E& event) {
  return {event.customers, event.contacts, event.users};
}

struct ErasureRequested {
  static constexpr std::string_view kName = "ErasureRequested";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Somebody is to be erased";

  ErasureId erasure;
  std::vector<CustomerId> customers;
  std::vector<ContactId> contacts;
  std::vector<UserId> users;
  ErasureGround ground{};

  static void describe(FieldVisitor& v, ErasureRequested& e) {
    v.id("erasure", e.erasure, "The erasure");
    v.id("customers", e.customers, "The customers");
    v.id("contacts", e.contacts, "The contacts");
    v.id("users", e.users, "The users");
    v.fact("ground", e.ground, "Why");
  }
};

struct ErasureApproved {
  static constexpr std::string_view kName = "ErasureApproved";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "An erasure was approved and begins by itself";

  ErasureId erasure;

  static void describe(FieldVisitor& v, ErasureApproved& e) {
    v.id("erasure", e.erasure, "The erasure");
  }
};

struct ErasureRefused {
  static constexpr std::string_view kName = "ErasureRefused";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "An erasure was refused";

  ErasureId erasure;
  ErasureRefusalGround ground{};

  static void describe(FieldVisitor& v, ErasureRefused& e) {
    v.id("erasure", e.erasure, "The erasure");
    v.fact("ground", e.ground, "Why");
  }
};

struct ErasureStarted {
  static constexpr std::string_view kName = "ErasureStarted";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc =
      "The fence: from here on the subjects are gone, and nothing is sealed under their keys";

  ErasureId erasure;
  std::vector<CustomerId> customers;
  std::vector<ContactId> contacts;
  std::vector<UserId> users;
  std::vector<DataKeyId> keys;

  static void describe(FieldVisitor& v, ErasureStarted& e) {
    v.id("erasure", e.erasure, "The erasure");
    v.id("customers", e.customers, "The customers");
    v.id("contacts", e.contacts, "The contacts");
    v.id("users", e.users, "The users");
    v.fact("keys", e.keys, "All their keys");
  }
};

struct SubjectKeyDestroyed {
  static constexpr std::string_view kName = "SubjectKeyDestroyed";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The keys of an erasure exist nowhere any more";

  ErasureId erasure;
  KeyEpochId epoch_before;
  KeyEpochId epoch_after;
  std::string places;

  static void describe(FieldVisitor& v, SubjectKeyDestroyed& e) {
    v.id("erasure", e.erasure, "The erasure");
    v.fact("epoch_before", e.epoch_before, "The epoch of the key tree whose key was destroyed");
    v.fact("epoch_after", e.epoch_after, "The epoch that follows it");
    v.fact("places", e.places, "What the key was destroyed in");
  }
};

struct ErasureCertified {
  static constexpr std::string_view kName = "ErasureCertified";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc =
      "Nothing of the subjects is left that anybody could read";

  ErasureId erasure;
  std::int64_t keys = 0;
  std::int64_t ciphertexts = 0;
  std::vector<std::string> views;
  Timestamp inaccessible_since;
  Timestamp irrecoverable_since;

  static void describe(FieldVisitor& v, ErasureCertified& e) {
    v.id("erasure", e.erasure, "The erasure");
    v.fact("keys", e.keys, "Keys destroyed");
    v.fact("ciphertexts", e.ciphertexts, "Ciphertexts removed from the log");
    v.fact("views", e.views, "Views built anew without them");
    v.fact("inaccessible_since", e.inaccessible_since, "Nobody could read anything since");
    v.fact("irrecoverable_since", e.irrecoverable_since, "No key exists since");
  }
};

struct LegalHoldPlaced {
  static constexpr std::string_view kName = "LegalHoldPlaced";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Data of somebody must be kept for a legal matter";

  LegalHoldId hold;
  std::vector<CustomerId> customers;
  std::vector<ContactId> contacts;
  std::vector<UserId> users;
  std::string matter;
  std::optional<Date> review_on;

  static void describe(FieldVisitor& v, LegalHoldPlaced& e) {
    v.id("hold", e.hold, "The hold");
    v.id("customers", e.customers, "The customers");
    v.id("contacts", e.contacts, "The contacts");
    v.id("users", e.users, "The users");
    v.fact("matter", e.matter, "Number of the matter, a code", non_empty(200));
    v.fact("review_on", e.review_on, "When to look at it again");
  }
};

struct LegalHoldLifted {
  static constexpr std::string_view kName = "LegalHoldLifted";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Data need not be kept for a legal matter any more";

  LegalHoldId hold;
  std::vector<CustomerId> customers;
  std::vector<ContactId> contacts;
  std::vector<UserId> users;

  static void describe(FieldVisitor& v, LegalHoldLifted& e) {
    v.id("hold", e.hold, "The hold");
    v.id("customers", e.customers, "The customers");
    v.id("contacts", e.contacts, "The contacts");
    v.id("users", e.users, "The users");
  }
};

/// Every event type of this file; the catalogue is made of these lists.
using ErasureEvents =
    TypeList<ErasureRequested, ErasureApproved, ErasureRefused, ErasureStarted, SubjectKeyDestroyed,
             ErasureCertified, LegalHoldPlaced, LegalHoldLifted>;

}  // namespace factum::crm
