"""Training of the large engine on tiny random models: losses, overfitting, rewards, resuming, sharing."""

# ruff: noqa: E402 - what needs torch is imported once it is known to be there
from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
for _needed in ("transformers", "accelerate", "peft"):
    pytest.importorskip(_needed)

import vlm_models
import vlm_worker
from accelerate.state import AcceleratorState
from data_pack import make
from gradewright.core.codec import LutCodec
from gradewright.core.engines.auto.networks import render
from gradewright.core.engines.vlm import loading, reasoning
from gradewright.core.engines.vlm.card import Card
from gradewright.core.engines.vlm.wording import Wish
from gradewright.core.errors import BadInput, FileError
from gradewright.core.train.vlm import fit, parts
from gradewright.core.train.vlm.draws import KINDS, Drawn, drawn_recipe
from gradewright.core.train.vlm.feeding import Supervised
from gradewright.core.train.vlm.losses import DAPO, GRPO, advantages, token_losses, uneven, weights
from gradewright.core.train.vlm.records import Records
from gradewright.core.train.vlm.renderer import load_renderer
from gradewright.core.train.vlm.rewards import CompositeReward, Made, Weights
from gradewright.core.train.vlm.rl import Policy
from gradewright.core.train.vlm.rollout import Drawing
from gradewright.core.train.vlm.settings import check
from safetensors.torch import load_file
from vlm_models import Few, config, example, picture


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("vlm-train")


@pytest.fixture(scope="session")
def raw(folder):
    """A checkpoint as it comes from a hub."""
    return vlm_models.checkpoint(folder, "llava")


@pytest.fixture(scope="session")
def graded(folder):
    """A model that has our tokens, and opinions."""
    return vlm_models.graded_folder(folder, "qwen3_vl")


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(fit, "source", lambda config, root, times, block=1: Few(("instruct",), 8))
    yield
    AcceleratorState._reset_state()
    os.environ.pop("ACCELERATE_USE_FSDP", None)


def metrics(run: Path) -> list[dict]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


# -- by hand


def test_advantages_are_what_an_answer_is_above_its_group():
    found = advantages(torch.tensor([[1.0, 2.0, 3.0, 2.0], [5.0, 5.0, 5.0, 5.0]]))
    spread = 0.5**0.5  # of (-1, 0, 1, 0)
    torch.testing.assert_close(found[0], torch.tensor([-1.0, 0.0, 1.0, 0.0]) / (spread + 1e-4))
    assert found[1].tolist() == [0, 0, 0, 0]
    assert uneven(torch.tensor([[1.0, 1.0], [1.0, 1.1]])).tolist() == [False, True]


def test_answers_or_tokens_weigh_the_same():
    lengths = torch.tensor([1, 3])
    assert weights(lengths, by_token=False).tolist() == pytest.approx([1 / 2, 1 / 6, 1 / 6, 1 / 6])
    assert weights(lengths, by_token=True).tolist() == [0.25] * 4


def test_token_losses_by_hand():
    old = torch.zeros(4)
    now = torch.log(torch.tensor([1.5, 1.5, 0.5, 0.5]))
    advantage = torch.tensor([1.0, -1.0, 1.0, -1.0])
    plain = token_losses(now, old, advantage, GRPO.__class__(0.2, 0.2, 0.0))
    assert plain.tolist() == pytest.approx([-1.2, 1.5, -0.5, 0.8])
    wide = token_losses(now, old, advantage, DAPO)
    assert wide.tolist() == pytest.approx([-1.28, 1.5, -0.5, 0.8])


def test_the_divergence_by_hand():
    now, start = torch.log(torch.tensor([0.5])), torch.log(torch.tensor([0.25]))
    found = token_losses(now, now, torch.zeros(1), GRPO, start)
    assert float(found) == pytest.approx(0.04 * (0.5 - np.log(0.5) - 1))
    assert float(token_losses(now, now, torch.zeros(1), GRPO, now)) == 0


def test_a_clipped_token_gives_no_gradient_and_another_one_does():
    now = torch.log(torch.tensor([1.25, 1.25, 1.1])).requires_grad_()
    token_losses(now, torch.zeros(3), torch.ones(3), GRPO.__class__(0.2, 0.2, 0.0)).sum().backward()
    assert now.grad.tolist() == pytest.approx([0, 0, -1.1])
    now.grad = None
    token_losses(now, torch.zeros(3), torch.ones(3), DAPO).sum().backward()
    assert now.grad.tolist() == pytest.approx([-1.25, -1.25, -1.1])


def test_the_supervised_loss_is_the_mean_over_the_tokens_of_the_step(graded, tmp_path):
    trained = fit.sft(config("vlm_sft", training__steps=1), graded, None, tmp_path / "run")
    net, speaker, _ = fit.build(config("vlm_sft"), graded)
    batch = Supervised(speaker)([Few(distinct=8)[0], Few(distinct=8)[1]])
    assert int((batch["labels"] != -100).sum()) == 2 * 67  # begin, 64, end, stop
    with torch.no_grad():
        logits = net.core(**batch["inputs"]).logits[:, :-1].log_softmax(-1)
    wanted = batch["labels"][:, 1:]
    picked = logits.gather(2, wanted.clamp_min(0)[..., None])[..., 0][wanted != -100]
    assert metrics(tmp_path / "run")[0]["loss"] == pytest.approx(-float(picked.mean()), abs=1e-4)
    assert trained.state.global_step == 1


def test_the_renderer_is_the_shipped_one():
    rng = np.random.default_rng(0)
    z, colours = rng.normal(0, 1, (2, 56)).astype(np.float32), rng.random((40, 3), dtype=np.float32)
    made = load_renderer()(torch.from_numpy(colours)[None].expand(2, -1, -1), torch.from_numpy(z))
    for row in range(2):
        assert np.abs(made[row].clamp(0, 1).numpy() - render(z[row], colours)).max() < 1e-4
    with pytest.raises(FileError, match="is no renderer"):
        load_renderer(Path(__file__))


# -- supervised


def test_a_tiny_model_learns_its_examples_by_heart(raw, tmp_path, monkeypatch):
    monkeypatch.setattr(fit, "source", lambda *_a, **_k: Few(("instruct",), 4))
    wanted = config("vlm_sft", training__steps=90, training__batch=4, training__rate=5e-3, training__save=90)
    wanted["training"]["report"] = 90
    fit.sft(wanted, raw, None, tmp_path / "run")
    model = loading.load(tmp_path / "run" / "model")
    assert model.card == Card(vlm_models.SIDE, 0, {"prompt": "lut", "reference": "lut"})
    rows = [Few(("instruct",), 4)[i] for i in range(4)]
    batch = Supervised(model.speaker)(rows)
    with torch.no_grad():
        hits = model.net(batch["inputs"], batch["labels"]).hit.float().mean()
    assert float(hits) > 0.95


def test_align_moves_the_adaptor_alone_towards_the_pixels(graded, tmp_path, monkeypatch):
    monkeypatch.setattr(fit, "source", lambda *_a, **_k: Few(("param",), 4))
    wanted = config(
        "vlm_align", training__steps=25, training__batch=4, training__save=25, training__rate=3e-3
    )
    fit.sft(wanted, graded, None, tmp_path / "run")
    rows = metrics(tmp_path / "run")
    assert rows[-1]["pixels"] < 0.7 * rows[0]["pixels"]
    before, after = (load_file(f / "model.safetensors") for f in (graded, tmp_path / "run" / "model"))
    assert all(torch.equal(before[name], after[name]) for name in before)
    adaptors = [load_file(f / "retouch_adaptor.safetensors") for f in (graded, tmp_path / "run" / "model")]
    assert not all(torch.equal(adaptors[0][name], adaptors[1][name]) for name in adaptors[0])


def learning(model, **changes):
    net, *_ = fit.build(config("vlm_rsft", **changes), model)
    return {name for name, p in net.named_parameters() if p.requires_grad}


def test_each_stage_teaches_its_part(graded):
    rsft = learning(graded)
    assert all("language_model" in name or "lm_head" in name for name in rsft)
    sft = learning(graded, stage="sft")
    assert rsft < sft
    assert {n.partition(".")[0] for n in learning(graded, stage="align")} == {"adaptor"}
    assert any("visual.blocks" in name for name in learning(graded, stage="sft", freeze_vision=False))
    lora = learning(graded, lora__rank=2)
    assert lora
    assert all("lora_" in name for name in lora)


def test_lora_learns_new_tokens_and_is_merged_into_a_plain_checkpoint(raw, tmp_path):
    for precision in ("float32", "bfloat16"):
        wanted = config("vlm_sft", lora__rank=2, training__precision=precision, training__checkpointing=True)
        run = tmp_path / precision
        fit.sft(wanted, raw, None, run)
        rows = metrics(run)
        assert rows[-1]["loss"] < rows[0]["loss"]
        names = load_file(run / "model" / "model.safetensors")
        assert not any("lora" in name or "token" in name.replace("embed_tokens", "") for name in names)
        old, ids = load_file(raw / "model.safetensors"), loading.load(run / "model").speaker.vocabulary.lut
        head = next(tensor for name, tensor in names.items() if name.endswith("lm_head.weight"))
        first = next(tensor for name, tensor in old.items() if name.endswith("lm_head.weight"))
        assert torch.equal(head[: min(ids)], first[: min(ids)])  # old rows stay, new ones have learnt
        assert len({tuple(row) for row in head[list(ids)].tolist()}) == 256
        net, *_ = fit.build(wanted, raw)
        parts.restore(net, load_file(run / "final" / "learnt.safetensors"))
        batch = Supervised(loading.load(run / "model").speaker)([example("instruct", 1)])
        with torch.no_grad():
            own = net.eval()(batch["inputs"], batch["labels"]).logp
            merged = loading.load(run / "model").net(batch["inputs"], batch["labels"]).logp
        torch.testing.assert_close(own, merged, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("name", ["vlm_sft", "vlm_align", "vlm_grpo"])
def test_weights_that_do_not_learn_can_be_held_in_bfloat16(raw, graded, tmp_path, monkeypatch, name):
    """As on a GPU: LoRA, connector, new tokens and adaptor in float32, the rest in half."""
    monkeypatch.setattr(fit, "_held", lambda _config: torch.bfloat16)
    monkeypatch.setattr(
        fit, "source", lambda *_a, **_k: Few(("param" if "align" in name else "instruct",), 8)
    )
    changes = {
        "training__precision": "bfloat16",
        "training__steps": 2,
        "lora__rank": 2 * ("align" not in name),
    }
    wanted, folder = config(name, **changes), graded if name == "vlm_grpo" else raw
    net, *_ = fit.build(wanted, folder)
    kinds = {(p.requires_grad, p.dtype) for name, p in net.named_parameters() if "adaptor" not in name}
    assert kinds - {(True, torch.float32)} == {(False, torch.bfloat16)}
    if name == "vlm_grpo":
        monkeypatch.setattr(fit, "Drawing", lambda *a, **k: Drawing(2, **{**k, "length": 3}))
        fit.policy(wanted, folder, None, tmp_path / "run", even_codes)
    else:
        fit.sft(wanted, folder, None, tmp_path / "run")
    assert (tmp_path / "run" / "model" / "model.safetensors").is_file()


def test_accumulation_changes_nothing(graded, tmp_path, monkeypatch):
    monkeypatch.setattr(fit, "source", lambda *_a, **_k: Few(("instruct", "style"), 8))
    for name, batch, times in (("whole", 4, 1), ("parts", 1, 4)):
        wanted = config("vlm_rsft", training__batch=batch, training__accumulate=times, training__steps=3)
        fit.sft(wanted, graded, None, tmp_path / name)
    one, other = (metrics(tmp_path / name) for name in ("whole", "parts"))
    assert [r["loss"] for r in one] == pytest.approx([r["loss"] for r in other], abs=2e-4)


def test_a_killed_run_goes_on_exactly(graded, tmp_path):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    wanted = config("vlm_sft", training__steps=4, training__save=2)
    fit.sft(wanted, graded, None, whole)
    shutil.copytree(whole / "checkpoint-2", cut / "checkpoint-2")
    (cut / "checkpoint-4").mkdir()  # half written when the process was killed
    half_a_line = (whole / "metrics.jsonl").read_text()[:-20]
    (cut / "metrics.jsonl").write_text(half_a_line)
    fit.sft(wanted, graded, None, cut)
    assert metrics(cut) == metrics(whole)
    assert (cut / "model" / "model.safetensors").read_bytes() == (
        whole / "model" / "model.safetensors"
    ).read_bytes()
    with pytest.raises(BadInput, match="the checkpoint is of another model or config"):
        fit.sft(config("vlm_sft", lora__rank=2), graded, None, cut)


def test_two_processes_learn_what_one_does(graded, tmp_path):
    """DDP, FSDP and GRPO through gloo, in one start of two processes."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parent)}
    worker = str(Path(__file__).parent / "vlm_worker.py")
    done = subprocess.run(
        [*command, worker, str(graded), str(tmp_path)], env=env, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr[-3000:]
    vlm_worker.run(graded, tmp_path / "one", 4, "ddp")
    one = [row["loss"] for row in metrics(tmp_path / "one")]
    assert [row["loss"] for row in metrics(tmp_path / "ddp")] == pytest.approx(one, abs=2e-4)
    assert [row["loss"] for row in metrics(tmp_path / "fsdp")] == pytest.approx(one, abs=2e-4)
    whole, *shared = (
        load_file(tmp_path / name / "model" / "model.safetensors") for name in ("one", "ddp", "fsdp")
    )
    for found in shared:
        assert max(float((whole[name] - found[name]).abs().max()) for name in whole) < 1e-3
    whole, sharded = (metrics(tmp_path / name) for name in ("grpo", "grpo-fsdp"))
    assert [row["reward"] for row in sharded] == [row["reward"] for row in whole]
    assert [row["loss"] for row in sharded] == pytest.approx([row["loss"] for row in whole], abs=2e-4)


# -- rewards


def even_codes(_examples, made):
    """A toy whose optimum is known: 1, when every code is below 64."""
    return torch.tensor([float((one.codes < 64).mean()) for one in made])


@pytest.mark.parametrize("kind", ["vlm_grpo", "vlm_dapo"])
def test_rewards_rise_to_a_known_optimum(graded, tmp_path, kind, monkeypatch):
    monkeypatch.setattr(fit, "Drawing", lambda *a, **k: Drawing(*a, **{**k, "length": 6}))
    wanted = config(kind, training__steps=20, training__batch=2, policy__group=8, policy__rows=16)
    wanted["training"] |= {"rate": 5e-3, "save": 20}
    fit.policy(wanted, graded, None, tmp_path / "run", even_codes)
    rows = [row for row in metrics(tmp_path / "run") if "reward" in row]
    start, end = (np.mean([row["reward"] for row in part]) for part in (rows[:3], rows[-3:]))
    assert end > start + 0.2
    assert all("entropy" in row and row["loss"] == row["loss"] for row in rows)


def test_the_first_update_on_fresh_answers_has_ratio_one(graded, tmp_path, monkeypatch):
    monkeypatch.setattr(fit, "Drawing", lambda *a, **k: Drawing(*a, **{**k, "length": 3}))
    wanted = config("vlm_grpo", training__steps=1, policy__group=4, policy__divergence=0.0)
    trainer = fit.policy(wanted, graded, None, tmp_path / "run", even_codes)
    [row] = metrics(tmp_path / "run")
    assert row["clipped"] == 0
    assert row["loss"] == pytest.approx(0, abs=1e-5)  # advantages of a group add up to nothing
    assert trainer.policy.updates == 1


def test_dynamic_sampling_replaces_groups_without_differences(graded, tmp_path, monkeypatch):
    monkeypatch.setattr(fit, "Drawing", lambda *a, **k: Drawing(*a, **{**k, "length": 2}))
    seen = []

    def reward(examples, made):
        """Every prompt but the eighth gives all the same."""
        seen.append({one.wish.text for one in examples})
        special = [one.wish.text.endswith(" 7") for one in examples]
        return torch.tensor([float(s) * float(m.codes[0]) for s, m in zip(special, made, strict=True)])

    wanted = config("vlm_dapo", training__steps=2, training__batch=2, policy__group=3, policy__redraws=4)
    fit.policy(wanted, graded, None, tmp_path / "run", reward)
    assert len(seen) == 5  # once, and four more times
    assert {"look number 0", "look number 1"} == seen[0]
    assert any("look number 7" in texts for texts in seen[1:])
    assert metrics(tmp_path / "run")[0]["even_groups"] > 0


def test_texts_are_trained_by_rewards_too_and_resumed_exactly(graded, tmp_path, monkeypatch):
    monkeypatch.setattr(fit, "source", lambda *_a, **_k: Few(("style",), 8))
    wanted = config("vlm_dapo", training__steps=4, training__save=2, policy__group=2, policy__longest=6)
    wanted["policy"] |= {"divergence": 0.1, "redraws": 1}
    for rank in (0, 2):
        wanted["lora"]["rank"] = rank
        whole, cut = tmp_path / f"whole{rank}", tmp_path / f"cut{rank}"
        fit.policy(wanted, graded, None, whole)
        shutil.copytree(whole / "checkpoint-2", cut / "checkpoint-2")
        fit.policy(wanted, graded, None, cut)
        assert metrics(cut) == metrics(whole)[2:]


def test_a_reward_is_best_for_the_meant_look():
    one = example("instruct", 20)
    good, bad = Made(one.codes), Made(LutCodec.load().encode(example("instruct", 0).truth))
    found = CompositeReward(Weights(instruction=0.3))([one, one], [good, bad])
    assert 0 <= float(found[1]) < float(found[0]) - 0.2 <= 0.8


def test_rewards_of_texts_count_their_format():
    told = example("style", 20)
    z = torch.zeros(56)
    rewards = CompositeReward(Weights(), load_renderer())
    made = [Made(text=vlm_models.REASONING, latents=z, retouch_tokens=3), Made(text="?", latents=z)]
    good, bad = rewards([told] * 2, made).tolist()
    assert good - bad == pytest.approx(0.2 / (0.8 + 0.2), abs=1e-5)
    wish = Wish("operations", "operations", 1, "brighter")
    asked = told.__class__(wish, told.pictures, told.truth, told.before, told.after, None, "")
    texts = ['{"exposure": 0.25}', "{exposure=0.25}", "no"]
    found = rewards([asked] * 3, [Made(text=text) for text in texts]).tolist()
    assert found[0] > found[1] > found[2] == 0


# -- data


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    return make(tmp_path_factory.mktemp("pack"))


def test_drawn_examples_follow_from_seed_and_index(pack):
    data = Drawn(pack, dict.fromkeys(("pair", "transfer", "param"), 1.0), 3, 56, 40)
    again = Drawn(pack, dict.fromkeys(("pair", "transfer", "param"), 1.0), 3, 56, 40)
    assert {data.kind(i) for i in range(40)} == {"pair", "transfer", "param"}
    for i in (0, 17):
        assert data[i].wish == again[i].wish
        assert np.array_equal(data[i].pictures[0], again[i].pictures[0])
        assert np.array_equal(data[i].after, again[i].after)
    blocks = Drawn(pack, dict.fromkeys(("pair", "param"), 1.0), 3, 56, 40, block=8)
    assert all(len({blocks.kind(i) for i in range(b, b + 8)}) == 1 for b in range(0, 40, 8))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_example_teaches_what_it_shows(pack, graded, kind):
    one = Drawn(pack, {kind: 1.0}, 5, 56, 10)[3]
    assert np.allclose(one.truth.sample(one.before).clip(0, 1), one.after, atol=1e-5)
    assert len(one.pictures) == one.wish.images
    if one.codes is not None:
        made = LutCodec.load().decode(one.codes).sample(one.before).clip(0, 1)
        assert np.abs(made - one.after).mean() < 0.05
    if one.wish.path == "retouch":
        assert reasoning.read(one.text).fault == ""
    if kind == "operations":
        assert CompositeReward(Weights())([one], [Made(text=one.text)])[0] > 0.9
    ids = one.completion(loading.load(graded).speaker)
    assert len(ids) == 67 or one.codes is None


def test_recipes_have_no_tint_without_an_amount():
    for seed in range(60):
        values = drawn_recipe(np.random.default_rng(seed)).to_dict()
        assert all(f"{n[:-4]}_amount" in values for n in values if n in ("shadow_hue", "mid_hue"))


@pytest.mark.parametrize("mix", [{}, {"pair": 0.0}, {"pair": -1.0, "param": 2.0}, {"paint": 1.0}])
def test_a_mix_that_cannot_be_is_refused(pack, mix):
    with pytest.raises(BadInput, match="mix needs shares of pair, transfer, instruct"):
        Drawn(pack, mix, 0, 56, 10)


@pytest.fixture
def records(tmp_path):
    from PIL import Image

    Image.fromarray((picture(1) * 255).astype("uint8")).save(tmp_path / "a.png")
    look = LutCodec.load().to_text(example("instruct", 3).codes)
    rows = [
        {"task": "instruct", "photo": "a.png", "prompt": "warm", "look": look},
        {"task": "transfer", "photo": "a.png", "reference": "a.png", "look": look},
        {"task": "auto", "photo": "a.png", "look": look, "reasoning": vlm_models.REASONING},
        {
            "task": "operations",
            "photo": "a.png",
            "prompt": "up",
            "reasoning": "why",
            "operations": {"ev": 0.3},
        },
    ]
    (tmp_path / "data.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    return tmp_path / "data.jsonl"


def test_own_files_are_read_in_a_new_order_each_time(records):
    data = Records(records, 0, 56, 12)
    tasks = [data[i].wish.task for i in range(12)]
    assert all(len(set(tasks[i : i + 4])) == 4 for i in (0, 4, 8))
    assert len({tuple(tasks[i : i + 4]) for i in (0, 4, 8)}) > 1
    assert data[tasks.index("operations")].text == 'why\n{"exposure": 0.3}'


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"task": "instruct"}', r"data.jsonl:2: lacks 'photo': see docs/vlm.md"),
        ('{"task": "paint", "photo": "a.png"}', "data.jsonl:2: task 'paint' is unknown: there is pair"),
        ('{"task": "pair", "photo": "b.png"}', "data.jsonl:2: .*b.png"),
        (
            '{"task": "instruct", "photo": "a.png", "look": "gw1:AAAA", "prompt": ""}',
            "look has 3 tokens: needs 64",
        ),
        ("{", "data.jsonl:2: Expecting"),
        ("[]", "data.jsonl:2: list indices"),
        (
            '{"task": "auto", "photo": "a.png", "reasoning": "hm", "look": "gw1:' + "A" * 86 + '"}',
            "data.jsonl:2: the reasoning is malformed: 'Measured:' is missing",
        ),
    ],
)
def test_a_faulty_line_is_named(records, line, message):
    records.write_text("\n" + line + "\n")
    with pytest.raises(FileError, match=message):
        Records(records, 0, 56, 1)[0]


def test_an_empty_file_is_refused(records):
    records.write_text("\n\n")
    with pytest.raises(FileError, match="holds no examples: one JSON object a line"):
        Records(records, 0, 56, 1)


# -- settings and the command


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"training__steps": 0}, "training.steps = 0: needs a whole number from 1"),
        ({"training__precision": "float8"}, "training.precision = 'float8': there is bfloat16, float32"),
        ({"training__rate": 3.0}, "training.rate = 3.0: needs a number between 0 and 1"),
        ({"training__workers": -1}, "training.workers, warmup and decay are 0 or more"),
        ({"side": 8}, "side = 8: needs 28..4096"),
        ({"training__fsdp": True}, "training.fsdp shards over several processes: start it with torchrun"),
        ({"lora__rank": -1}, "lora.rank = -1: 0 trains the whole language model"),
    ],
)
def test_settings_that_cannot_be_are_refused(change, message):
    with pytest.raises(BadInput, match=message):
        check(config("vlm_sft", **change))


def test_policies_that_cannot_be_are_refused(graded, raw, tmp_path):
    with pytest.raises(BadInput, match="group = 1: an answer is compared with others, so 2 or more"):
        Policy(GRPO, Drawing(group=1))
    with pytest.raises(BadInput, match="updates are 1 or more, redraws 0 or more, temperature above 0"):
        Policy(GRPO, Drawing(temperature=0))
    with pytest.raises(BadInput, match=r"save must be a multiple of updates \(2\)"):
        fit.policy(config("vlm_dapo", training__save=3), graded, None, tmp_path / "run", even_codes)
    with pytest.raises(BadInput, match="accumulate is 1 here"):
        fit.policy(config("vlm_grpo", training__accumulate=2), graded, None, tmp_path / "run", even_codes)
    with pytest.raises(FileError, match="rewards refine a model that has learnt to grade: train it with"):
        fit.policy(config("vlm_grpo"), raw, None, tmp_path / "run", even_codes)
    with pytest.raises(BadInput, match="stage = 'bake': there is pretrain, sft, align, rsft"):
        fit.sft(config("vlm_sft", stage="bake"), raw, None, tmp_path / "run")
    with pytest.raises(BadInput, match="stage 'align' trains the retouch adaptor: set bottleneck above 0"):
        fit.sft(config("vlm_align", bottleneck=0), raw, None, tmp_path / "run")


def test_the_command_trains_and_resumes(cli, graded, pack, tmp_path, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("GRADEWRIGHT_DATA", str(pack))
    small = {"steps": 1, "batch": 1, "accumulate": 1, "workers": 0, "cpu": "true", "warmup": 0}
    words = [f"training.{name}={value}" for name, value in small.items()]
    words += [
        'training.precision="float32"',
        "side=56",
        "mix.instruct=0.0",
        "mix.transfer=1.0",
        "lora.rank=0",
    ]
    base = ["train", "vlm-sft", "--model", str(graded), "--out", "run"]
    base += [part for word in words for part in ("--set", word)]
    monkeypatch.chdir(tmp_path)
    assert "wrote run/model" in cli.ok(*base).err
    assert Card.load(tmp_path / "run" / "model").paths["reference"] == "lut"
    assert "holds a run already: add --resume" in cli.refused(*base)
    cli.ok(*base, "--resume", "--set", "training.steps=2")
    assert 'needs "vlm-grpo"' in cli.refused("train", "vlm-grpo", "--config", "vlm_sft", *base[2:6])


@pytest.mark.parametrize("name", ["pretrain", "sft", "align", "rsft", "grpo", "dapo"])
def test_shipped_configs_are_ones(name):
    from gradewright.core.train import configs

    kind = name if name in ("grpo", "dapo") else "sft"
    found = configs.read_vlm(configs.find(Path(f"vlm_{name}")), f"vlm-{kind}")
    check(found)
    assert found.get("stage", "sft") == (name if kind == "sft" else "sft")


def test_without_the_extra_the_command_says_so(cli, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    message = "training needs torch: pip install 'gradewright[train,vlm]'"
    assert cli.refused("train", "vlm-dapo", "--model", "m", "--out", "o") == message
