"""Tiny random models of nearly every causal architecture of transformers, and a tokenizer for them.

Sizes are set by the names that configurations use for them; every weight, norm, bias and scale is random, so that a
skipped norm, bias or scale shows in the numbers.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerFast
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from ecco.task import TASKS, Task

VOCAB = 97
TASK_OF = {task.kind: task for task in TASKS}
CAUSAL = TASK_OF["causal"]
LARGEST = 60_000_000  # parameters; what stays larger than this has sizes we do not set

# A size, and the names under which configurations keep it.
SIZES: list[tuple[Any, str]] = [
    (
        32,
        "hidden_size d_model n_embd dim dim_model d_embed model_dim emb_dim lru_width attention_hidden_size "
        "embedding_dim d_latents",
    ),
    (
        48,
        "intermediate_size ffn_dim d_ff n_inner encoder_ffn_dim decoder_ffn_dim dff ffn_hidden_size hidden_dim d_inner "
        "dim_ff n_intermediate ff_dim feed_forward_size intermediate_size_mlp",
    ),
    (3, "num_hidden_layers n_layer n_layers num_layers decoder_layers num_decoder_layers conv_kernel conv_L_cache"),
    (
        2,
        "encoder_layers num_encoder_layers num_key_value_heads multi_query_group_num num_kv_heads num_experts_per_tok "
        "top_k_experts moe_top_k moe_topk moe_k mamba_expand expand n_mamba_heads linear_num_key_heads index_n_heads "
        "ngram encoder_sparse_step decoder_sparse_step bos_token_id decoder_start_token_id",
    ),
    (
        4,
        "num_attention_heads n_head n_heads num_heads encoder_attention_heads decoder_attention_heads "
        "num_decoder_attention_heads num_encoder_attention_heads num_experts num_local_experts n_routed_experts "
        "moe_num_experts num_moe_experts state_size mamba_d_state ssm_state_size mamba_dt_rank time_step_rank "
        "linear_num_value_heads linear_num_heads rotary_dim rope_dim num_landmarks num_buckets block_size num_memory_blocks "
        "index_topk max_spans",
    ),
    (
        8,
        "head_dim d_kv d_head attention_head_dim dim_head kv_channels global_head_dim swa_head_dim qk_rope_head_dim "
        "qk_nope_head_dim v_head_dim mamba_n_heads mamba_d_head mamba_num_heads mamba_head_dim mamba_headdim "
        "linear_key_head_dim linear_value_head_dim linear_head_dim index_head_dim adapter_rank hidden_size_per_layer_input "
        "laurel_rank num_latents pronunciation_embed_dim shape_embed_dim",
    ),
    (
        VOCAB,
        "vocab_size decoder_vocab_size encoder_vocab_size src_vocab_size tgt_vocab_size n_vocab vocab_size_per_layer_input",
    ),
    (
        64,
        "max_position_embeddings n_positions n_ctx max_seq_len max_sequence_length seq_length "
        "max_encoder_position_embeddings max_decoder_position_embeddings context_length "
        "original_max_position_embeddings mamba_d_ssm mamba_intermediate_size",
    ),
    (
        16,
        "embedding_size sliding_window attention_window local_attention window_size attention_window_size q_lora_rank "
        "kv_lora_rank qk_head_dim chunk_size mamba_chunk_size word_embed_proj_dim input_embedding_size true_hidden_size "
        "intra_bottleneck_size relative_max_distance",
    ),
    (
        24,
        "moe_intermediate_size shared_expert_intermediate_size expert_intermediate_size shared_intermediate_size "
        "output_embedding_size expert_ffn_hidden_size moe_ffn_hidden_size moe_shared_expert_intermediate_size "
        "shared_expert_ffn_hidden_size",
    ),
    (
        1,
        "n_shared_experts moe_num_shared_experts num_shared_experts n_group topk_group num_expert_group "
        "first_k_dense_replace num_dense_layers mamba_n_groups n_groups mamba_ngroups num_groups num_random_blocks "
        "pad_token_id num_sparse_encoder_layers num_sparse_decoder_layers",
    ),
    (0, "num_nextn_predict_layers mtp_num_hidden_layers num_kv_shared_layers"),
    (0.0, "dropout hidden_dropout_prob attention_probs_dropout_prob"),
    (None, "forced_eos_token_id forced_bos_token_id"),
    (90, "image_token_id image_token_index image_token"),
]
OVERRIDES: dict[str, Any] = {name: size for size, names in SIZES for name in names.split()} | {
    "eos_token_id": 3,
    "audio_token_id": 91,
    "video_token_id": 92,
    "mlp_only_layers": [],
    "axial_pos_shape": [4, 4],
    "axial_pos_embds_dim": [16, 16],
    "attn_layers": ["local", "lsh", "local"],
}
LAYER_KINDS = ("layer_types", "layers_block_type", "block_types", "mlp_layer_types", "attention_types", "attn_types")

_MLA: dict[str, Any] = {"num_key_value_heads": 4, "head_dim": 8}  # multi-head latent attention shares no key heads
SPECIAL: dict[str, dict[str, Any]] = {
    **dict.fromkeys(
        (
            "axk1 axk2 bailing_hybrid deepseek_v2 deepseek_v3 deepseek_v32 glm4_moe_lite glm_moe_dsa kimi_linear "
            "longcat_flash minicpm3 youtu dots3_note_text esmc sarvam_mla"
        ).split(),
        _MLA,
    ),
    "bamba": {"attn_layer_indices": [1]},
    "granitemoehybrid": {"layer_types": ["mamba", "attention", "mamba"]},
    "gpt_neo": {"attention_types": [[["global", "local", "global"], 1]], "num_layers": 3},
    "jamba": {
        "num_hidden_layers": 4,
        "attn_layer_period": 2,
        "attn_layer_offset": 1,
        "expert_layer_period": 2,
        "expert_layer_offset": 1,
    },
    "lfm2_moe": {"layer_types": ["conv", "full_attention", "conv"]},
    "mamba2": {"num_heads": 8},
    "recurrent_gemma": {"block_types": ["recurrent", "recurrent", "attention"]},
    "reformer": {"is_decoder": True},
    "xmod": {"default_language": "en_XX"},
    "zaya": {"num_experts_per_tok": 1},
}


def causal_types() -> list[str]:
    """Every model type with a causal head in the installed transformers."""
    return sorted(CAUSAL.types)


def tiny_config(model_type: str, **given: Any) -> PreTrainedConfig:
    """A configuration of this type with every size small."""
    return _shrunk(CONFIG_MAPPING[model_type], SPECIAL.get(model_type, {}) | given)


def _shrunk(kind: Any, given: dict[str, Any]) -> PreTrainedConfig:
    base = kind()
    stored = base.to_dict()
    aliases = getattr(kind, "attribute_map", {})
    known = {*stored, *vars(base), *aliases}
    values = {name: value for name, value in OVERRIDES.items() if name in known}
    for name, value in stored.items():
        if name.endswith("_token_id") and isinstance(value, int) and value >= VOCAB and name not in values:
            values[name] = 4
        if name in LAYER_KINDS and isinstance(value, list) and value and isinstance(value[0], str):
            kinds = list(dict.fromkeys(value))
            values[name] = (kinds * 3)[:3]
    for name, value in vars(base).items():
        if isinstance(value, PreTrainedConfig):
            values[name] = _shrunk(type(value), {})
    for alias, target in aliases.items():
        if alias in values and target in values:
            values.pop(alias)
    return kind(**(values | given))


@torch.no_grad()
def randomise(model: PreTrainedModel, seed: int = 0) -> PreTrainedModel:
    """Give every weight, norm, bias and scale a random value of a size that keeps numbers tame."""
    generator = torch.Generator().manual_seed(seed)
    seen: set[int] = set()
    biases = [(n, b) for n, b in model.named_buffers() if "bias" in n]
    for name, p in [*model.named_parameters(), *biases]:
        if p.data_ptr() in seen or not p.is_floating_point():
            continue
        seen.add(p.data_ptr())
        noise = torch.randn(p.shape, generator=generator).to(p.dtype)
        last = name.split(".")[-1]
        if any(s in name for s in ("A_log", "dt_bias", "time_decay", "time_first", "decay", "inv_freq")) or last == "D":
            p.add_(0.05 * noise)
        elif p.dim() >= 2 and "bias" not in last and p.shape[-1] > 1:
            embeds = any(s in name for s in ("embed", "wte", "wpe", "shared"))
            p.copy_(noise * (0.6 if embeds else 1.3 / p.shape[-1] ** 0.5))
        else:
            p.add_(0.3 * noise)
    return model


def tiny_model(model_type: str, seed: int = 0, task: Task = CAUSAL, **given: Any) -> PreTrainedModel:
    """A random model of this type with the head for a task, in float32."""
    return build(tiny_config(model_type, **given), seed, task)


def build(config: PreTrainedConfig, seed: int = 0, task: Task = CAUSAL) -> PreTrainedModel:
    """A random model of this configuration with the head for a task, in float32."""
    loader = task.loader_of(config.model_type)
    with torch.device("meta"):
        size = sum(p.numel() for p in loader.from_config(config).parameters())
    if size > LARGEST:
        raise ValueError(f"{config.model_type} has {size} parameters")
    torch.manual_seed(seed)
    model = randomise(loader.from_config(config).eval().float(), seed)
    if task.kind == "seq2seq" and model.generation_config.decoder_start_token_id is None:
        model.generation_config.decoder_start_token_id = 2  # checkpoints say it, configurations do not
    return model


@cache
def word_tokenizer() -> PreTrainedTokenizerFast:
    """One token per word, as many as the tiny models have ids: `a0` to `a91` after four special ones, the last a mask."""
    words = ["<pad>", "<s>", "</s>", "<unk>", *(f"a{i}" for i in range(VOCAB - 5)), "<mask>"]
    core = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token="</s>", unk_token="<unk>", pad_token="<pad>", mask_token="<mask>"
    )


@cache
def byte_tokenizer(size: int = 256) -> PreTrainedTokenizerFast:
    """One token per UTF-8 byte, as in byte-level BPE without merges."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = {symbol: i for i, symbol in enumerate(alphabet)}
    core = Tokenizer(models.BPE(vocab, []))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, clean_up_tokenization_spaces=False)
    tokenizer.add_special_tokens({"eos_token": "<|endoftext|>"})
    return tokenizer
