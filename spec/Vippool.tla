------------------------------ MODULE Vippool ------------------------------
(***************************************************************************)
(* Node leases, revocation, assignments and change of master for one VIP.  *)
(* Rules and code: docs/failure-model.md.                                    *)
(*                                                                         *)
(* `a` is the detailed node: agent process, kernel fence, lease, memory.   *)
(* `b` stands for the rest of the pool: it binds and releases exactly when *)
(* the acting master says so (its own lease is the mirror image of a's).   *)
(* Three controllers acknowledge, revoke, vote, forget.                    *)
(* Election is an interface here (Election.tla checks that it holds): at   *)
(* most one master acts at a time, a win needs a majority of votes that    *)
(* still count, and authority needs a majority of acknowledged heartbeats, *)
(* each of which raises the controller's term, and lapses after LL.        *)
(*                                                                         *)
(* Time: every timer counts down on one global Tick, so time is unbounded  *)
(* and the model finite. Clock rates: L is the longest real time that a    *)
(* slow holder counts as its lease, R the shortest real time that a fast   *)
(* controller counts as L x (1 + 2 rho) + margin. Correct means R >= L.    *)
(* Network: each message may be lost, late without bound and overtake      *)
(* others; assignments and reports also duplicate (they are never removed).*)
(***************************************************************************)
EXTENDS Naturals, FiniteSets, TLC

CONSTANTS C,            \* controllers
          L, R,         \* lease at the holder / at the granter, in ticks
          AB,           \* ticks a controller without memory abstains
          FV,           \* ticks a reported revocation counts at the master
          VX,           \* ticks a vote counts, from the request's send time
          LL,           \* leaderLease: ticks of authority after a majority's acks
          MaxKey, MaxTerm, MaxVer, T0,   \* bounds of the run; term at the start
          MaxLoss,      \* memory losses of controllers
          MaxAmn,       \* agent restarts without memory
          MaxSlow,      \* heartbeats under way at once; all others are answered without delay
          MaxRes,       \* restorations of a revoked epoch
          MaxKill       \* agent restarts with memory (adopt)

CONSTANTS               \* the rules; FALSE switches one off (a mutation)
  StickyHere,     \* a revoked epoch stays refused by that controller
  StickyAgent,    \* the agent looks at its own expiry before every send and every ack
  FenceDeadline,  \* fence deadline = send time + L, not "now + timeout" when the datagram arrives
  RefreshOnlyLive,\* a refresh never revives a closed fence
  AckTerm,        \* acks carry the controller's term, the agent adopts it
  Tables,         \* a vote carries the voter's table of nodes and epochs
  TagKey,         \* assignments carry the target's (incarnation, epoch)
  NewInc,         \* an agent without memory takes a new incarnation
  VerGuard,       \* only a report of the newest version sent counts
  NeedLease,      \* assignments only for an epoch that the agent reported as valid
  HigherIsFree,   \* "came back with a higher epoch" counts as released
  RestoreSeq,     \* after "restore" the master counts only revocations newer than it
  FreshRev,       \* the master counts a revocation only while its report is fresh
  KeepVer,        \* an adopting agent remembers (term, version)
  WinnerOnly      \* a candidate that restarted has lost its candidacy

VARIABLES key, mode, ph, av, f, tm, ver, has, pend,      \* agent and kernel of a
          slot,                                          \* heartbeat / ack under way, per controller
          ck, tmr, rev, vt, ab,                          \* controllers
          T, acting, au, vk, rk, st, RF, sv,             \* master's authority and view
          vset, vage, bk, nt, used,                      \* running election, its term, terms that had a master
          asg, rep, bH, loss, amn, kill,
          rs, rg, resm, nres                             \* restorations: sent, done, under way, budget
agent  == <<key, mode, ph, av, f, tm, ver, has, pend>>
ctl    == <<ck, tmr, rev, vt, ab>>
mst    == <<T, acting, au, vk, rk, st, RF, sv>>
Acts   == acting /\ au > 0
elec   == <<vset, vage, bk, nt, used>>
rst    == <<rs, rg, resm, nres>>
cnt    == <<loss, amn, kill, rst>>
vars   == <<agent, slot, ctl, mst, elec, asg, rep, bH, cnt>>

Maj(S)   == 2 * Cardinality(S) > Cardinality(C)
Max(x,y) == IF x > y THEN x ELSE y
MajRem(w) == CHOOSE r \in 0..L : /\ Maj({c \in C : w[c] >= r})
                                 /\ \A q \in (r+1)..L : ~Maj({c \in C : w[c] >= q})
None == [t |-> "none"]
Dec(n) == IF n = 0 THEN 0 ELSE n - 1
Report(h) == IF ph' = "held" THEN rep \cup {[k |-> key', t |-> tm', ver |-> ver', has |-> h]} ELSE rep

Init ==
  /\ key = 1 /\ mode = "up" /\ ph = "held" /\ av = [c \in C |-> L] /\ f = L
  /\ tm = T0 /\ ver = 1 /\ has = TRUE /\ pend = FALSE
  /\ slot = [c \in C |-> None]
  /\ ck = [c \in C |-> 1] /\ tmr = [c \in C |-> R] /\ rev = [c \in C |-> 0]
  /\ vt = [c \in C |-> T0] /\ ab = [c \in C |-> 0]
  /\ T = T0 /\ acting = TRUE /\ au = LL /\ vk = 1 /\ rk = 1 /\ st = "holds" /\ RF = [c \in C |-> 0] /\ sv = 1
  /\ vset = {} /\ vage = [c \in C |-> 0] /\ bk = [c \in C |-> 0] /\ nt = 0 /\ used = {T0}
  /\ asg = {[t |-> T0, ver |-> 1, k |-> 1, has |-> TRUE]} /\ rep = {} /\ bH = FALSE
  /\ loss = 0 /\ amn = 0 /\ kill = 0
  /\ rs = [c \in C |-> 0] /\ rg = [c \in C |-> <<0, 0>>] /\ resm = {} /\ nres = 0

Expired == ph = "held" /\ f = 0          \* the agent's lease has ended, seen by the fence
Runs    == mode = "up" /\ ~pend          \* the agent's one thread is at its event loop
Fresh   == StickyAgent => ~Expired

(* ------------------------------ agent ----------------------------------- *)
SendHB(c) ==      \* stamp, then check, then send
  /\ Runs /\ Fresh /\ Cardinality({d \in C \ {c} : slot[d].t # "none"}) < MaxSlow
  /\ IF slot[c].t = "none" THEN TRUE      \* a newer heartbeat may replace one under way (loss)
     ELSE slot[c].r < L \/ slot[c].k # key
  /\ slot' = [slot EXCEPT ![c] = [t |-> "hb", k |-> key, r |-> L]]
  /\ UNCHANGED <<agent, ctl, mst, elec, asg, rep, bH, cnt>>

Quick(c) ==       \* a heartbeat and its ack without delay: SendHB, RecvHB, RecvAck in one step
  /\ Runs /\ Fresh /\ slot[c].t = "none" /\ ab[c] = 0
  /\ av[c] < L \/ ck[c] # key \/ vt[c] > tm
  /\ ~(key < ck[c] \/ (StickyHere /\ key <= rev[c]))
  /\ ck' = [ck EXCEPT ![c] = key] /\ tmr' = [tmr EXCEPT ![c] = R]
  /\ rev' = [rev EXCEPT ![c] = IF @ >= key THEN key - 1 ELSE @]
  /\ LET w == [av EXCEPT ![c] = L]
         n == MajRem(w)
     IN /\ av' = w
        /\ ph' = IF n > 0 THEN "held" ELSE ph
        /\ f'  = IF ph = "held" /\ f = 0 /\ RefreshOnlyLive THEN 0 ELSE Max(f, n)
  /\ tm' = IF AckTerm THEN Max(tm, vt[c]) ELSE tm
  /\ ver' = IF AckTerm /\ vt[c] > tm THEN 0 ELSE ver
  /\ UNCHANGED <<key, mode, has, pend>>
  /\ rep' = Report(has)
  /\ UNCHANGED <<slot, vt, ab, mst, elec, asg, bH, cnt>>

RecvAck(c) ==
  /\ Runs /\ slot[c].t = "ack" /\ Fresh
  /\ slot' = [slot EXCEPT ![c] = None]
  /\ LET m == slot[c] IN
     IF m.k # key THEN UNCHANGED <<agent, rep>>
     ELSE LET w == [av EXCEPT ![c] = Max(@, m.r)]
              n == MajRem(w)
          IN /\ av' = w
             /\ ph' = IF n > 0 THEN "held" ELSE ph
             /\ f'  = IF ph = "held" /\ f = 0 /\ RefreshOnlyLive THEN 0 ELSE Max(f, n)
             /\ tm' = IF AckTerm THEN Max(tm, m.vt) ELSE tm
             /\ ver' = IF AckTerm /\ m.vt > tm THEN 0 ELSE ver
             /\ UNCHANGED <<key, mode, has, pend>>
             /\ rep' = Report(has)
  /\ UNCHANGED <<ctl, mst, elec, asg, bH, cnt>>

Lose ==           \* lease ended: release everything, next epoch, report again
  /\ Runs /\ Expired
  /\ has' = FALSE /\ ph' = "acq" /\ av' = [c \in C |-> 0]
  /\ IF key < MaxKey THEN key' = key + 1 /\ mode' = mode
                     ELSE key' = key /\ mode' = "dead"
  /\ UNCHANGED <<f, tm, ver, pend, slot, ctl, mst, elec, asg, rep, bH, cnt>>

\* A freeze (SIGSTOP, GC, starved CPU) needs no state of its own: no step of the agent is ever forced,
\* so each of its steps may come arbitrarily late; the fence counts down in Tick all the same.

Adopt ==          \* restart with memory; the living fence is the proof of the lease
  /\ mode = "up" /\ kill < MaxKill /\ kill' = kill + 1
  /\ ph = "held" /\ mode' = "up" /\ pend' = FALSE /\ av' = [c \in C |-> 0]
  /\ tm' = (IF KeepVer THEN tm ELSE 0) /\ ver' = (IF KeepVer THEN ver ELSE 0)
  /\ UNCHANGED <<key, ph, f, has, slot, ctl, mst, elec, asg, rep, bH, loss, amn, rst>>

Amnesia ==        \* restart without memory: fence closed and marked addresses deleted first
  /\ mode = "up" /\ amn < MaxAmn /\ amn' = amn + 1
  /\ has' = FALSE /\ f' = 0 /\ ph' = "acq" /\ av' = [c \in C |-> 0] /\ tm' = 0 /\ ver' = 0
  /\ mode' = "up" /\ pend' = FALSE
  /\ IF NewInc THEN key < MaxKey /\ key' = key + 1 ELSE key' = key
  /\ UNCHANGED <<slot, ctl, mst, elec, asg, rep, bH, loss, kill, rst>>

RecvAsg(m) ==
  /\ Runs /\ ph = "held" /\ f > 0
  /\ m.t > tm \/ (m.t = tm /\ m.ver > ver)
  /\ TagKey => m.k = key
  /\ tm' = m.t /\ ver' = m.ver /\ ph' = ph /\ key' = key
  /\ IF m.has /\ ~has THEN pend' = TRUE /\ has' = has /\ rep' = rep      \* checked, not yet done
                      ELSE pend' = FALSE /\ has' = m.has /\ rep' = Report(m.has)
  /\ UNCHANGED <<mode, av, f, slot, ctl, mst, elec, asg, bH, cnt>>

DoBind ==         \* a freeze may lie between the check and this step
  /\ mode = "up" /\ pend /\ pend' = FALSE /\ has' = TRUE
  /\ f' = IF FenceDeadline THEN f ELSE L
  /\ UNCHANGED <<key, mode, ph, av, tm, ver>>
  /\ rep' = Report(TRUE)
  /\ UNCHANGED <<slot, ctl, mst, elec, asg, bH, cnt>>

(* --------------------------- controllers -------------------------------- *)
RecvHB(c) ==
  /\ slot[c].t = "hb" /\ ab[c] = 0
  /\ LET k == slot[c].k IN
     IF k < ck[c] \/ (StickyHere /\ k <= rev[c])
     THEN slot' = [slot EXCEPT ![c] = None] /\ UNCHANGED <<ck, tmr, rev>>
     ELSE /\ ck' = [ck EXCEPT ![c] = k] /\ tmr' = [tmr EXCEPT ![c] = R]
          /\ rev' = [rev EXCEPT ![c] = IF @ >= k THEN k - 1 ELSE @]
          /\ slot' = [slot EXCEPT ![c] = [t |-> "ack", k |-> k, r |-> @.r, vt |-> vt[c]]]
  /\ UNCHANGED <<agent, vt, ab, mst, elec, asg, rep, bH, cnt>>

Revoke(c) ==
  /\ ab[c] = 0 /\ tmr[c] = 0 /\ ck[c] > rev[c] /\ rev' = [rev EXCEPT ![c] = ck[c]]
  /\ UNCHANGED <<agent, slot, ck, tmr, vt, ab, mst, elec, asg, rep, bH, cnt>>

Forget(c) ==      \* restart without memory
  /\ loss < MaxLoss /\ loss' = loss + 1
  /\ ck' = [ck EXCEPT ![c] = 0] /\ tmr' = [tmr EXCEPT ![c] = 0] /\ rev' = [rev EXCEPT ![c] = 0]
  /\ vt' = [vt EXCEPT ![c] = 0] /\ ab' = [ab EXCEPT ![c] = AB]
  /\ UNCHANGED <<agent, slot, mst, elec, asg, rep, bH, amn, kill, rst>>

(* ------------------------------ master ---------------------------------- *)
Hear(c) ==        \* heartbeat answer of a controller: its revocations and the epochs it knows
  /\ Acts /\ vt[c] <= T /\ ab[c] = 0
  /\ \/ /\ vk > 0 /\ rev[c] >= vk /\ RF[c] < FV /\ RF' = [RF EXCEPT ![c] = FV]
        /\ RestoreSeq => rs[c] = 0 \/ rg[c] = <<T, rs[c]>>
        /\ UNCHANGED <<vk, st, rk>>
     \/ /\ ck[c] > vk /\ vk' = ck[c] /\ RF' = [d \in C |-> 0] /\ rk' = rk
        /\ st' = IF HigherIsFree THEN "free" ELSE "unknown"
  /\ vt' = [vt EXCEPT ![c] = T]
  /\ UNCHANGED <<agent, slot, ck, tmr, rev, ab, T, acting, au, sv, elec, asg, rep, bH, cnt>>

RecvRep(m) ==     \* the agent answers under this term
  /\ Acts /\ m.t = T /\ m.k >= vk
  /\ (m.k = vk /\ VerGuard) => m.ver >= sv
  /\ vk' = m.k /\ rk' = m.k /\ RF' = IF m.k > vk THEN [d \in C |-> 0] ELSE RF
  /\ st' = IF m.has THEN "holds" ELSE "free"
  /\ UNCHANGED <<agent, slot, ctl, T, acting, au, sv, elec, asg, rep, bH, cnt>>

(* a revocation that nobody acted on is taken back: first uncounted, then told to the controller.     *)
(* Only while no other node has, or may get, what x holds.                                             *)
Restore(c) ==
  /\ Acts /\ nres < MaxRes /\ vk > 0 /\ rev[c] >= vk /\ vt[c] <= T /\ ~bH
  /\ nres' = nres + 1 /\ RF' = [RF EXCEPT ![c] = 0] /\ rs' = [rs EXCEPT ![c] = @ + 1]
  /\ resm' = resm \cup {[c |-> c, k |-> vk, t |-> T, n |-> rs[c] + 1]}
  /\ UNCHANGED <<agent, slot, ctl, T, acting, au, vk, rk, st, sv, elec, asg, rep, bH, loss, amn, kill, rg>>
RecvRestore(m) ==
  /\ ab[m.c] = 0 /\ vt[m.c] <= m.t /\ rev[m.c] = m.k /\ <<m.t, m.n>> # rg[m.c]
  /\ rev' = [rev EXCEPT ![m.c] = m.k - 1] /\ tmr' = [tmr EXCEPT ![m.c] = R]
  /\ vt' = [vt EXCEPT ![m.c] = m.t] /\ rg' = [rg EXCEPT ![m.c] = <<m.t, m.n>>]
  /\ UNCHANGED <<agent, slot, ck, ab, mst, elec, asg, rep, bH, loss, amn, kill, rs, resm, nres>>

Free == st = "free" \/ Maj({c \in C : RF[c] > 0})
Assign(h) ==
  /\ Acts /\ sv < MaxVer /\ vk > 0 /\ ~Maj({c \in C : RF[c] > 0}) /\ (NeedLease => rk = vk)
  /\ IF h THEN st = "free" /\ ~bH ELSE st = "holds"
  /\ sv' = sv + 1 /\ st' = "holds"
  /\ asg' = asg \cup {[t |-> T, ver |-> sv + 1, k |-> vk, has |-> h]}
  /\ UNCHANGED <<agent, slot, ctl, T, acting, au, vk, rk, RF, elec, rep, bH, cnt>>
GiveB == /\ Acts /\ ~bH /\ Free /\ bH' = TRUE
         /\ UNCHANGED <<agent, slot, ctl, mst, elec, asg, rep, cnt>>
TakeB == /\ Acts /\ bH /\ bH' = FALSE
         /\ UNCHANGED <<agent, slot, ctl, mst, elec, asg, rep, cnt>>

(* --------------------------- election ----------------------------------- *)
Depose == /\ acting /\ (1..MaxTerm) # used /\ acting' = FALSE
          /\ UNCHANGED <<agent, slot, ctl, T, au, vk, rk, st, RF, sv, elec, asg, rep, bH, cnt>>
(* A term is a pair (number, instance), so it is never used twice; but controllers that forgot may *)
(* elect a master whose term is lower than one that already acted.                                  *)
Vote(c) ==
  /\ ab[c] = 0 /\ c \notin vset
  /\ nt' \in (IF vset = {} THEN (1..MaxTerm) \ used ELSE {nt})
  /\ nt' > vt[c] \/ (nt' = vt[c] /\ nt' = nt)        \* again for the same candidate
  /\ vt' = [vt EXCEPT ![c] = nt'] /\ vset' = vset \cup {c}
  /\ vage' = [vage EXCEPT ![c] = VX] /\ bk' = [bk EXCEPT ![c] = IF Tables THEN ck[c] ELSE 0]
  /\ UNCHANGED <<agent, slot, ck, tmr, rev, ab, mst, asg, rep, bH, cnt, used>>
Acks(M, t) == Maj(M) /\ \A c \in M : ab[c] = 0 /\ vt[c] <= t      \* M acknowledges a heartbeat of term t
Raise(M, t) == vt' = [c \in C |-> IF c \in M THEN t ELSE vt[c]]
Win ==
  /\ ~Acts /\ Maj(vset)
  /\ \E M \in SUBSET C : Acks(M, nt) /\ Raise(M, nt)
  /\ au' = LL
  /\ T' = nt /\ used' = used \cup {nt} /\ nt' = 0 /\ acting' = TRUE /\ rk' = 0 /\ RF' = [c \in C |-> 0] /\ sv' = 0
  /\ \E m \in vset :                      \* the winner is one of its voters
       LET ok == WinnerOnly => (vt[m] = nt /\ ab[m] = 0)   \* a candidate that restarted has lost its candidacy
           K == {bk[c] : c \in vset} \cup {ck[m]}
           k == CHOOSE x \in K : \A y \in K : y <= x
       IN ok /\ vk' = k /\ st' = IF k = 0 THEN "free" ELSE "unknown"
  /\ vset' = {} /\ vage' = [c \in C |-> 0] /\ bk' = [c \in C |-> 0]
  /\ rs' = [c \in C |-> 0]
  /\ rep' = {m \in rep : m.t \notin used}       \* the others can never count again
  /\ UNCHANGED <<agent, slot, ck, tmr, rev, ab, asg, bH, loss, amn, kill, rg, resm, nres>>

(* ---------------------------------- time -------------------------------- *)
Tick ==
  /\ \/ f + au > 0 \/ \E c \in C : av[c] + tmr[c] + ab[c] + vage[c] + RF[c] > 0
     \/ \E c \in C : IF slot[c].t = "none" THEN FALSE ELSE slot[c].r > 0
  /\ \/ au' = Dec(au) /\ vt' = vt
     \/ Acts /\ au' = LL /\ \E M \in SUBSET C : Acks(M, T) /\ Raise(M, T)   \* renewed in time
  /\ f' = Dec(f) /\ av' = [c \in C |-> Dec(av[c])]
  /\ slot' = [c \in C |-> IF slot[c].t = "none" THEN None ELSE [slot[c] EXCEPT !.r = Dec(@)]]
  /\ tmr' = [c \in C |-> Dec(tmr[c])] /\ ab' = [c \in C |-> Dec(ab[c])]
  /\ vage' = [c \in C |-> Dec(vage[c])]
  /\ RF' = IF FreshRev THEN [c \in C |-> Dec(RF[c])] ELSE RF
  /\ vset' = {c \in vset : vage[c] > 1}
  /\ bk' = [c \in C |-> IF vage[c] > 1 THEN bk[c] ELSE 0] /\ UNCHANGED <<nt, used>>
  /\ UNCHANGED <<key, mode, ph, tm, ver, has, pend, ck, rev, T, acting, vk, rk, st, sv, asg, rep, bH, cnt>>

Next == \/ \E c \in C : Quick(c) \/ SendHB(c) \/ RecvAck(c) \/ RecvHB(c) \/ Revoke(c) \/ Forget(c) \/ Hear(c) \/ Vote(c)
        \/ Lose \/ Adopt \/ Amnesia \/ DoBind
        \/ \E c \in C : Restore(c)
        \/ \E m \in resm : RecvRestore(m)
        \/ \E m \in asg : RecvAsg(m)
        \/ \E m \in rep : RecvRep(m)
        \/ \E h \in BOOLEAN : Assign(h)
        \/ GiveB \/ TakeB \/ Depose \/ Win \/ Tick
Spec == Init /\ [][Next]_vars
Sym  == Permutations(C)

(* At most one host answers for the VIP *)
OneHolder == ~(bH /\ has /\ f > 0)
(* sanity: these must be violated, or the model does nothing *)
NeverBack == ~(ver > 1 /\ has /\ key > 1)
NeverNew  == ~(T # T0 /\ bH)
=============================================================================
