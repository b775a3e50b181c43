// Rules of erasures and legal holds: given events, when a command, then events or a refusal.
#include "core/crm/erasure.hpp"

#include "core/crm/catalog.hpp"
#include "tests/support/spec.hpp"

#include <doctest/doctest.h>

namespace factum::crm {
namespace {

using test::id_of;
using test::sealed;
using test::Spec;

const auto kMill = id_of<CustomerId>(1);
const auto kAnna = id_of<ContactId>(2);
const auto kUma = id_of<UserId>(3);
const auto kErasure = id_of<ErasureId>(10);
const auto kOther = id_of<ErasureId>(11);
const auto kHold = id_of<LegalHoldId>(20);
const auto kKey = id_of<DataKeyId>(30);
const auto kBefore = id_of<KeyEpochId>(40);
const auto kAfter = id_of<KeyEpochId>(41);

SubjectList anna() { return {{}, {kAnna}, {}}; }
SubjectList both() { return {{kMill}, {kAnna}, {}}; }
ErasureRequested was_requested(SubjectList s) {
  return {kErasure, s.customers, s.contacts, s.users, ErasureGround::consent_withdrawn};
}
ErasureStarted was_started(const ErasureId& id, SubjectList s) {
  return {id, s.customers, s.contacts, s.users, {kKey}};
}
LegalHoldPlaced was_held(const LegalHoldId& id) { return {id, {}, {kAnna}, {}, "case-7", {}}; }

RequestErasure request(const ErasureId& id, SubjectList subjects) {
  RequestErasure command;
  command.id = id;
  command.subjects = std::move(subjects);
  command.ground = ErasureGround::consent_withdrawn;
  return command;
}
StartErasure start() { return {{kErasure}, {kKey}}; }
RefuseErasure refusal() { return {{kErasure}, ErasureRefusalGround::legal_claims}; }

struct Fixture : Spec {
  Fixture() {
    CustomerRegistered mill;
    mill.customer = kMill;
    mill.name = sealed("Mill");
    ContactCreated anna;
    anna.contact = kAnna;
    anna.name = sealed("Anna");
    UserAdded uma;
    uma.user = kUma;
    uma.name = sealed("Uma");
    given(mill, anna, uma);
  }
  Fixture& requested(SubjectList subjects) {
    given(was_requested(std::move(subjects)));
    return *this;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "people are erased whom we know, and once") {
  when(request(kErasure, both())).then(was_requested(both()));
  when(request(kErasure, {})).then_refused(rules::kErasureSubjects);
  when(request(kErasure, {{}, {id_of<ContactId>(99)}, {}})).then_refused(rules::kErasureUnknown);
  when(request(kErasure, {{}, std::vector<ContactId>(25, kAnna), {}}))
      .then_refused(rules::kErasureSubjects);
  given(was_started(kOther, anna()));
  when(request(kErasure, both())).then_refused(rules::kErasureErased);
  when(request(kErasure, {{kMill}, {}, {kUma}})).then(was_requested({{kMill}, {}, {kUma}}));
}

TEST_CASE_FIXTURE(Fixture, "the erasure of several people is approved by somebody else") {
  requested(both());
  const std::string asked_by = fold<Erasure>(kErasure)->state.requested_by;
  context().actor = asked_by;
  when(ApproveErasure{{kErasure}}).then_refused(rules::kErasureTwoPersons);
  context().actor = "user:somebody else";
  done(ApproveErasure{{kErasure}}).then(ErasureApproved{kErasure});
  when(ApproveErasure{{kErasure}}).then();
}

TEST_CASE_FIXTURE(Fixture, "the erasure of one person may be approved by whoever asked") {
  requested(anna());
  context().actor = fold<Erasure>(kErasure)->state.requested_by;
  when(ApproveErasure{{kErasure}}).then(ErasureApproved{kErasure});
}

TEST_CASE_FIXTURE(Fixture, "a hold stops an erasure until it is fenced, and lets it go on later") {
  requested(both());
  given(was_held(kHold));
  context().actor = "user:somebody else";
  when(ApproveErasure{{kErasure}}).then_refused(rules::kErasureHeld);
  done(LiftLegalHold{{kHold}}).then(LegalHoldLifted{kHold, {}, {kAnna}, {}});
  when(LiftLegalHold{{kHold}}).then();
  done(ApproveErasure{{kErasure}});
  const auto second = id_of<LegalHoldId>(21);
  given(was_held(second));
  when(start()).then_refused(rules::kErasureHeld);
  given(LegalHoldLifted{second, {}, {kAnna}, {}});
  done(start()).then(was_started(kErasure, both()));
  PlaceLegalHold too_late;
  too_late.id = id_of<LegalHoldId>(22);
  too_late.subjects = anna();
  too_late.matter = "case-9";
  when(too_late).then_refused(rules::kErasureErased);
}

TEST_CASE_FIXTURE(Fixture, "a fence carries the keys to the log") {
  requested(anna()).given(ErasureApproved{kErasure});
  const auto decision = when(start()).decision();
  REQUIRE(decision);
  CHECK(decision->fenced_keys == std::vector<Uuid>{kKey.uuid});
}

TEST_CASE_FIXTURE(Fixture, "the steps come one after the other") {
  requested(anna());
  const RecordKeyDestruction destruction{{kErasure}, kBefore, kAfter, "files in 2 places"};
  const CertifyErasure certificate{{kErasure}, 1, 7, {"timeline"}};
  when(start()).then_refused(rules::kErasureStatus);
  when(destruction).then_refused(rules::kErasureStatus);
  given(ErasureApproved{kErasure});
  when(destruction).then_refused(rules::kErasureStatus);
  done(start());
  when(start()).then_refused(rules::kErasureStatus);
  when(certificate).then_refused(rules::kErasureStatus);
  when(refusal()).then_refused(rules::kErasureStatus);
  done(destruction).then(SubjectKeyDestroyed{kErasure, kBefore, kAfter, "files in 2 places"});
  when(destruction).then_refused(rules::kErasureStatus);
  done(certificate);
  const auto erasure = fold<Erasure>(kErasure);
  REQUIRE(erasure);
  CHECK(erasure->state.status == ErasureStatus::certified);
  REQUIRE(erasure->state.certificate);
  CHECK(erasure->state.certificate->ciphertexts == 7);
  CHECK(erasure->state.certificate->inaccessible_since == *erasure->state.inaccessible_since);
  when(certificate).then_refused(rules::kErasureStatus);
}

TEST_CASE_FIXTURE(Fixture, "what has not begun can be refused, and then is not approved") {
  requested(anna());
  SUBCASE("before it is approved") {}
  SUBCASE("after it is approved") { given(ErasureApproved{kErasure}); }
  done(refusal()).then(ErasureRefused{kErasure, ErasureRefusalGround::legal_claims});
  when(refusal()).then();
  when(ApproveErasure{{kErasure}}).then_refused(rules::kErasureStatus);
  when(start()).then_refused(rules::kErasureStatus);
}

}  // namespace factum::crm
