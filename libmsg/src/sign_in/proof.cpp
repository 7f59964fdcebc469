// SPDX-License-Identifier: Apache-2.0
// Codes that are shown.
#include "sign_in/sign_in_impl.h"

namespace msg {
namespace {

/// Numbers whose hashes are the same: one, but once in a lifetime.
constexpr int kNumbersMax = 8;

Result<std::optional<FoundPhone>> find_phone(Snapshot& rows, const RequestId& request) {
  MSG_TRY(auto records, rows.list_side_records(SideKind::sign_in, request.owner, {}, kNumbersMax));
  for (SideRecord& record : records) {
    MSG_TRY(PhoneState state, decode_phone_state(record.value));
    if (!has_request(state, request.number)) continue;
    return FoundPhone{.phone = std::move(record.key), .state = std::move(state)};
  }
  return std::nullopt;
}

}  // namespace

std::unexpected<Error> wrong_code() {
  return fail(Code::permission_denied, "This code is wrong, or not good any more.", "code");
}

std::unexpected<Error> too_many_guesses(std::chrono::milliseconds wait) {
  return std::unexpected(Error{.code = Code::rate_limited,
                               .detail = "Too many wrong guesses. Try again later.",
                               .field = {},
                               .retry_after = wait});
}

Result<SignIn::Impl::Proof> SignIn::Impl::read_proof(const ProvenPhone& given) const {
  const auto request = parse_request_id(given.request_id);
  if (!request || given.device_nonce.size() > 128 || given.code.size() > 16) return wrong_code();
  return Proof{.request = *request,
               .hash = keys.hash_of(request->number, given.device_nonce, given.code)};
}

Result<void> SignIn::Impl::require_request(const Proof& proof) {
  MSG_TRY(const auto snapshot, inside.store->late_snapshot());
  MSG_TRY(const auto found, find_phone(*snapshot, proof.request));
  return found ? Result<void>{} : wrong_code();
}

Result<SignIn::Impl::Looked> SignIn::Impl::look(Batch& batch, const Proof& proof) {
  Looked looked;
  MSG_TRY(auto found, find_phone(batch.rows(), proof.request));
  if (!found) return looked;
  const Time now = batch.now();
  looked.judgement = judge(found->state, proof.request.number, proof.hash, now, options);
  looked.found = *std::move(found);
  if (looked.judgement.verdict == Judgement::Verdict::wrong) {
    MSG_CHECK(put_state(batch, proof, looked.found));
  }
  return looked;
}

Result<void> SignIn::Impl::put_state(Batch& batch, const Proof& proof, const FoundPhone& found) {
  PhoneState state = found.state;
  forget_past(state, batch.now());
  batch.next_version();
  return batch.rows().put_side_record({.kind = SideKind::sign_in,
                                       .owner = proof.request.owner,
                                       .key = found.phone,
                                       .value = encode_phone_state(state),
                                       .expires_at = end_of(state, batch.now())});
}

/// Success when the code was right.
Result<void> SignIn::Impl::refusal(const Judgement& judgement) {
  if (judgement.verdict == Judgement::Verdict::right) return {};
  {
    const std::scoped_lock lock(mutex);
    ++counted.wrong_codes;
  }
  if (judgement.verdict == Judgement::Verdict::wait) return too_many_guesses(judgement.wait);
  return wrong_code();
}

}  // namespace msg
